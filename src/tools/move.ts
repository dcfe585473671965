/**
 * Moves everything from one store to another, verified, while the program is stopped. Until all of it has arrived the new
 * store is marked as half full, and from then on the old one as left, so that the program opens neither by mistake. It
 * opens no seal: whoever moves a store need not have its key.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { openLink } from '../engine/open-store.ts';
import { CannotStart, notes, partitions } from '../engine/program.ts';
import { deliveryLease } from '../engine/worker.ts';
import { type RedisAddress, redis } from '../shapes.ts';
import { RedisStore } from '../store/redis.ts';
import { faultsOfRedis } from '../store/redis-checks.ts';
import { type Row, Tally } from '../store/rows.ts';
import { SqliteStore } from '../store/sqlite.ts';
import { type Store, StoreDown } from '../store/store.ts';

const rowsAtOnce = 500;
const leaseLasts = 60_000;
const holder = `${hostname()}:${process.pid}:move-${randomBytes(4).toString('hex')}`;

/** What the note `notes.move` can say; nothing in a store that was never moved, or has wholly arrived. */
const halfFull = 'half-full';
const left = 'left';

export async function move({ from, to }: { from: string; to: string }): Promise<void> {
  if (from === to) throw new CannotStart('--from and --to are the same store.');
  const source = await opened('--from', from, false);
  try {
    const target = await opened('--to', to, true);
    try {
      const tally = await moved(source, target);
      const counts = [...tally.counts].map(([table, count]) => `${count} ${table}`).join(', ');
      process.stdout.write(`Moved and verified: ${counts} (${tally.mark.slice(0, 16)}).\n`);
      process.stdout.write(
        to.startsWith('sqlite:')
          ? 'Now set DATA_DIR to that folder and remove REDIS_URL. The old store is marked as left.\n'
          : 'Now set REDIS_URL. The old store is marked as left; delete it when you are sure.\n',
      );
    } finally {
      await target.close();
    }
  } catch (error) {
    throw error instanceof StoreDown ? new CannotStart('A store can not be reached: try again.') : error;
  } finally {
    await source.close();
  }
}

async function moved(source: Store, target: Store): Promise<Tally> {
  const [before, after] = [await source.note(notes.move), await target.note(notes.move)];
  if (before === halfFull) throw new CannotStart('--from is only half full: a move to it was broken off.');
  if (before === left) {
    // Only the very last mark may be wanting.
    const arrived = after === halfFull ? await tallied(target) : null;
    if (arrived?.mark !== (await tallied(source)).mark)
      throw new CannotStart('--from was moved to another store before, and left.');
    await target.setNote(notes.move, '');
    return arrived;
  }
  if (await isEmpty(source)) throw new CannotStart('There is nothing in --from.');
  await hold(source);
  try {
    await fill(source, target, after);
    const [there, here] = [await tallied(target), await tallied(source)];
    if (there.mark !== here.mark) {
      throw new CannotStart(
        'The two stores are not alike: --from was written to meanwhile. Stop the program, empty --to, and try again.',
      );
    }
    await source.setNote(notes.move, left);
    await target.setNote(notes.move, '');
    return there;
  } finally {
    await source.letGo(deliveryLease, holder);
  }
}

async function fill(source: Store, target: Store, mark: string | null): Promise<void> {
  if (mark || !(await isEmpty(target))) {
    throw new CannotStart(
      mark === halfFull
        ? '--to is half full, a move to it was broken off: empty it (FLUSHDB in Redis, or delete the file) and try again.'
        : '--to is not empty: move to a new folder or an empty Redis.',
    );
  }
  await target.setNote(notes.move, halfFull);
  let rows: Row[] = [];
  const pour = async () => {
    await hold(source);
    await target.fill(rows);
    rows = [];
  };
  for await (const row of carried(source)) {
    rows.push(row);
    if (rows.length === rowsAtOnce) await pour();
  }
  await pour();
}

/** Whoever delivers holds the lease; while the move has it, nothing is sent. */
async function hold(source: Store): Promise<void> {
  if ((await source.lease(deliveryLease, holder, leaseLasts, Date.now())) !== null) return;
  throw new CannotStart(
    'The program is running on --from: stop it. (After a crash its lease runs out within a minute.)',
  );
}

/** All rows but the mark of the move itself. */
async function* carried(store: Store): AsyncGenerator<Row> {
  for await (const row of store.rows()) {
    if (!(row.table === 'notes' && row.cells[0] === notes.move)) yield row;
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of carried(store)) return false;
  return true;
}

async function tallied(store: Store): Promise<Tally> {
  const tally = new Tally();
  for await (const row of carried(store)) tally.add(row);
  return tally;
}

/** `sqlite:FOLDER`, an address of Redis, or `redis` for the one in REDIS_URL. */
async function opened(option: string, text: string, fresh: boolean): Promise<Store> {
  if (text.startsWith('sqlite:')) {
    const folder = text.slice('sqlite:'.length);
    const file = join(folder, 'bli-med.sqlite');
    if (!fresh && !existsSync(file)) throw new CannotStart(`${option}: there is no ${file}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new SqliteStore(file);
  }
  const link = await openLink(addressOf(option, text));
  const faults = fresh ? await faultsOfRedis(link) : [];
  for (const { says } of faults) process.stderr.write(`${option}: ${says}\n`);
  if (faults.some(({ fatal }) => fatal)) throw new CannotStart(`${option} can not be a store.`);
  return new RedisStore(link, partitions);
}

function addressOf(option: string, text: string): RedisAddress {
  const set = text === 'redis' ? readConfig().redis : null;
  if (text === 'redis' && !set) throw new CannotStart(`${option}: REDIS_URL is not set.`);
  const given = set ?? redis.schema.safeParse(text).data;
  if (!given)
    throw new CannotStart(`${option}: expected sqlite:FOLDER, redis (for REDIS_URL), or ${redis.expects}`);
  return given.reveal();
}
