/**
 * Makes a backup while the program runs, and puts one back into an empty store. What a backup does not know is not
 * guessed: who was erased since stays erased, what waited to be sent then is not sent now, and what came due since has
 * passed. It must never write over a file or into a store that holds anything.
 */
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { type Erased, Erasures } from '../engine/erasures.ts';
import { masterKeyOf } from '../engine/master-key.ts';
import { openStore } from '../engine/open-store.ts';
import { CannotStart, erasuresFile, openProgram, partitions } from '../engine/program.ts';
import { silentLog } from '../log.ts';
import { NoBackup, readBackup, written } from '../store/backup.ts';
import type { Row } from '../store/rows.ts';
import { emptyCommit, type Store, type StoredTimer } from '../store/store.ts';

const timersAtOnce = 500;

export async function backup(file: string): Promise<void> {
  const config = readConfig();
  const master = masterKeyOf(config)();
  if (existsSync(file)) throw new CannotStart(`${file}: is there already`);
  const store = await openStore(config, partitions, silentLog);
  const half = `${resolve(file)}.half`;
  try {
    const bytes = await store.still(() => poured(written(store.rows(), master), half));
    await rename(half, file);
    process.stdout.write(`${bytes} bytes, encrypted with the master key.\n`);
    process.stdout.write(
      `Keep ${join(config.dataDir, erasuresFile)} apart from it: who was erased stands there.\n`,
    );
  } finally {
    await rm(half, { force: true });
    await store.close();
  }
}

/** Writes all of it to the disk; how many bytes that were. */
async function poured(pieces: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const file = await open(path, 'w', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new CannotStart(`${path}: cannot be written (${error.code})`);
  });
  try {
    let bytes = 0;
    for await (const piece of pieces) bytes += (await file.write(piece)).bytesWritten;
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

export async function restore(file: string, wish: { erased?: string[] }): Promise<void> {
  const config = readConfig();
  const erased = [join(config.dataDir, erasuresFile), ...(wish.erased ?? [])].flatMap((each) =>
    Erasures.read(each),
  );
  const { rows, unsent, gone } = await filled(file, config, erased);
  const passed = await letPass(config);
  process.stdout.write(
    `${rows} rows are back. ${gone} people who were erased since stay erased. ${unsent} messages that waited then are ` +
      `not sent now. For ${passed} people something came due since; it has passed.\n`,
  );
}

async function filled(
  file: string,
  config: Config,
  erased: readonly Erased[],
): Promise<{ rows: number; unsent: number; gone: number }> {
  const master = masterKeyOf(config)();
  const store = await openStore(config, partitions, silentLog);
  try {
    for await (const _ of store.rows()) {
      throw new CannotStart(
        'The store is not empty: set DATA_DIR or REDIS_URL to an empty one and restore there.',
      );
    }
    // The whole backup is read once before anything is written: a damaged one must not leave half a store.
    for await (const _ of readBackup(createReadStream(file), master));
    let [rows, unsent] = [0, 0];
    for await (const some of readBackup(createReadStream(file), master)) {
      const kept = some.filter((row) => !isUnsent(row));
      unsent += some.length - kept.length;
      rows += kept.length;
      await store.fill(kept);
    }
    return { rows, unsent, gone: await eraseAgain(store, erased) };
  } catch (error) {
    if (error instanceof NoBackup) throw new CannotStart(`${file}: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CannotStart(`${file}: there is no such file`);
    throw error;
  } finally {
    await store.close();
  }
}

const isUnsent = (row: Row): boolean => row.table === 'outbox' && row.cells[8] !== 'sent';

async function eraseAgain(store: Store, erased: readonly Erased[]): Promise<number> {
  let gone = 0;
  for (const { partition, owner } of erased) {
    if (!(await store.wrappedKey(partition, owner))) continue;
    await store.commit(partition, { ...emptyCommit(0), erase: [owner] });
    gone++;
  }
  return gone;
}

/** How many people had something due. */
async function letPass(config: Config): Promise<number> {
  const { store, engine, clock } = await openProgram(config, silentLog);
  try {
    const seen = new Set<string>();
    for (;;) {
      const due = await store.timersDue(clock.now(), timersAtOnce + seen.size);
      const fresh = due.filter((timer) => !seen.has(nameOf(timer)));
      for (const timer of fresh) {
        if (!seen.has(nameOf(timer))) await engine.letPass(timer);
        seen.add(nameOf(timer));
      }
      if (fresh.length === 0) return seen.size;
    }
  } finally {
    await store.close();
  }
}

const nameOf = ({ partition, owner }: StoredTimer): string => `${partition} ${owner}`;
