/**
 * Backups: made while the program runs, encrypted, whole or refused, and put back without bringing anybody back who was
 * erased and without sending the past again.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../src/config.ts';
import type { Plan } from '../src/core/plan.ts';
import { newcomer, type Person, personKey } from '../src/core/records.ts';
import { Erasures } from '../src/engine/erasures.ts';
import { openProgram, ownClinic, type Program } from '../src/engine/program.ts';
import { silentLog } from '../src/log.ts';
import { NoBackup, readBackup, written } from '../src/store/backup.ts';
import type { Row } from '../src/store/rows.ts';
import { MasterKey, Unsealable } from '../src/store/seal.ts';
import { emptyCommit } from '../src/store/store.ts';
import { backup, restore } from '../src/tools/backup.ts';
import { emptyFolder } from './fakes/running.ts';
import { hour, minute, zone } from './rig.ts';

const key = Buffer.alloc(32, 7);
const opened: Program[] = [];
afterEach(async () => {
  for (const { store } of opened.splice(0)) await store.close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The settings that the commands read, for a data folder. */
function settle(DATA_DIR: string): void {
  const given = { DATA_DIR, MASTER_KEY: key.toString('base64'), CLINIC_NAME: 'Klinikken' };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
}

async function program(folder: string): Promise<Program> {
  settle(folder);
  const running = await openProgram(readConfig(), silentLog);
  opened.push(running);
  return running;
}

/** What a command prints. */
async function says(work: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  await work();
  spy.mockRestore();
  return lines.join('');
}

/** Somebody enrolled, with a meeting in an hour of which they wished to be reminded two hours before. */
async function seat({ vault, engine, clock }: Program, id: string): Promise<number> {
  const now = clock.now();
  const chat = { channel: 'web', address: `chat-${id}` };
  const partition = engine.directory.partitionOf(ownClinic);
  const given = { given: true, at: now - 9 * hour };
  const plan: Plan = {
    ...{
      id: 'demo@2026-01-01',
      meeting: 'demo',
      name: 'Hemmelig gruppe',
      fellowship: 'AA',
      openness: 'open',
    },
    ...{ date: '2026-01-01', starts: now + hour, minutes: 60, zone, where: null, online: null, notes: '' },
    made: now - 9 * hour,
  };
  const due = now - hour;
  const person: Person = {
    ...newcomer(id, ownClinic, 'seated', chat, zone, 'nb', now - 9 * hour),
    ...{ consents: { channel: given, reminders: given }, plans: [plan], timers: { plan: due } },
    quiet: { from: '03:00', to: '03:01' },
  };
  const home = { partition, person: id, clinic: ownClinic, invitation: 'seated' };
  await vault.store.claim(vault.chatClaim(chat), JSON.stringify(home));
  await vault.commit(partition, {
    ...emptyCommit(now),
    put: [{ key: personKey(id), version: 1, value: person }],
    timers: { set: [{ owner: id, matter: 'plan', due }], clear: [] },
  });
  return partition;
}

const says1 = (running: Program, id: string, text: string) =>
  running.engine.receive({
    ...{ id: `web:${id}:${text}`, chat: { channel: 'web', address: `chat-${id}` }, language: 'nb' },
    what: { kind: 'said', text },
  });

describe('a backup put back', () => {
  test('has everybody as they were, but who was erased since, and sends nothing of the past', async () => {
    const [from, to] = [emptyFolder(), emptyFolder()];
    const file = join(emptyFolder(), 'backup');
    const running = await program(from);
    const partition = await seat(running, 'ada');
    await seat(running, 'berit');
    await says1(running, 'ada', 'meny');
    expect(await running.store.sendable(Date.now() + minute, [], 9)).toHaveLength(1);

    expect(await says(() => backup(file))).toMatch(/^\d+ bytes, encrypted/);
    const bytes = readFileSync(file);
    for (const plain of ['Hemmelig', 'ada', 'Klinikken']) expect(bytes.includes(plain)).toBe(false);
    await expect(backup(file)).rejects.toThrow('is there already');

    await says1(running, 'berit', 'slett');
    const berit = (await running.vault.load(partition, null, [personKey('berit')])).records[0]
      ?.value as Person;
    const { wait = '' } = berit.frames.at(-1) ?? {};
    const chat = { channel: 'web', address: 'chat-berit' };
    const what = { kind: 'tapped', wait, choice: 'yes' } as const;
    await running.engine.receive({ id: 'tap', chat, language: 'nb', what });
    expect((await running.vault.load(partition, null, [personKey('berit')])).records[0]?.value).toBeNull();

    settle(to);
    const told = await says(() => restore(file, { erased: [join(from, 'erased.log')] }));
    expect(told).toContain('1 people who were erased since stay erased. 1 messages that waited then');
    const back = await program(to);
    const load = async (id: string) =>
      (await back.vault.load(partition, null, [personKey(id)])).records[0]?.value as Person | null;
    expect(await load('berit')).toBeNull();
    expect(await load('ada')).toMatchObject({ plans: [{ name: 'Hemmelig gruppe' }] });
    expect((await load('ada'))?.reminded).toEqual(
      expect.arrayContaining([expect.stringMatching(/two-hours$/)]),
    );
    expect(await back.store.timersDue(Date.now(), 9)).toEqual([]);
    expect(await back.store.sendable(Date.now() + minute, [], 9)).toEqual([]);
    await expect(restore(file, {})).rejects.toThrow('not empty');
  });

  test('that is damaged leaves nothing behind', async () => {
    const [from, to] = [emptyFolder(), emptyFolder()];
    const file = join(emptyFolder(), 'backup');
    await seat(await program(from), 'ada');
    await says(() => backup(file));
    const bytes = readFileSync(file);
    settle(to);
    for (const damaged of [
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 200),
      Buffer.from('hello'),
    ]) {
      writeFileSync(file, damaged);
      await expect(restore(file, {})).rejects.toThrow(/cut off|damaged|no backup/);
    }
    await expect(restore(join(to, 'nothing'), {})).rejects.toThrow('no such file');
    writeFileSync(file, bytes);
    await says(() => restore(file, {}));
    expect(existsSync(join(to, 'bli-med.sqlite'))).toBe(true);
  });
});

describe('the file', () => {
  const master = new MasterKey(key);
  const row = (n: number): Row => ({
    table: 'keys',
    cells: [n % 16, `owner-${n}`, Buffer.from([n % 256, 1])],
  });
  async function* rows(count: number): AsyncGenerator<Row> {
    for (let n = 0; n < count; n++) yield row(n);
  }
  async function make(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of written(rows(count), master)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
  async function* slow(bytes: Buffer, step: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  async function read(bytes: Buffer, step = 1000, by = master): Promise<Row[]> {
    const found: Row[] = [];
    for await (const some of readBackup(slow(bytes, step), by)) found.push(...some);
    return found;
  }

  test.each([0, 1, 200, 201, 450])('of %i rows gives them back, however it comes', async (count) => {
    const bytes = await make(count);
    const given = await Array.fromAsync(rows(count));
    for (const step of [7, 1000, bytes.length]) expect(await read(bytes, step)).toEqual(given);
  });

  test('does not open with another key, turned in any place, or with pieces left out or changed about', async () => {
    const bytes = await make(450);
    await expect(read(bytes, 1000, new MasterKey(Buffer.alloc(32, 8)))).rejects.toThrow(Unsealable);
    for (let at = 0; at < bytes.length; at += 997) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 1;
      await expect(read(damaged), `byte ${at}`).rejects.toThrow();
    }
    const start = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1;
    const first = 4 + bytes.readUInt32BE(start);
    const [head, one, rest] = [0, start, start + first].map((at, i) =>
      bytes.subarray(at, [start, start + first][i]),
    );
    const second = rest!.subarray(0, 4 + rest!.readUInt32BE());
    const end = rest!.subarray(second.length);
    for (const pieces of [
      [head!, rest!],
      [head!, second, one!, end],
      [head!, one!, second],
    ])
      await expect(read(Buffer.concat(pieces))).rejects.toThrow(NoBackup);
  });
});

test('an erasure that came to nothing is taken back, and a line cut off by a crash counts for nothing', () => {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'erased.log');
  expect(Erasures.read(file)).toEqual([]);
  const erasures = new Erasures(file);
  erasures.note({ partition: 3, owner: 'ada' });
  erasures.note({ partition: 4, owner: 'berit' });
  erasures.takeBack({ partition: 3, owner: 'ada' });
  appendFileSync(file, '+ 5 ca');
  expect(Erasures.read(file)).toEqual([{ partition: 4, owner: 'berit' }]);
});
