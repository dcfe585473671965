/**
 * Moving from one store to another by the command: people go on where they were, everything is there, nothing is ever half
 * there and taken for whole, and neither a running program nor a store that is in use is touched.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Row, Tally } from '../src/store/rows.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { bytes, commitOf, keyOf, rich } from './contracts/store-ground.ts';
import { openLink, openStore, RedisServer } from './fakes/redis.ts';
import { command, emptyFolder, Running } from './fakes/running.ts';
import { WebPerson } from './fakes/web-person.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  const link = await openLink(server.url);
  await link.everywhere('FLUSHALL');
  await link.everywhere('CONFIG', 'SET', 'maxmemory', '0');
  await link.close();
});

let now: Running | null = null;
afterEach(() => now?.kill());

const moves = (from: string, to: string, settings = {}) =>
  command(['move', '--from', from, '--to', to], settings);
const done = { code: 0, stderr: '', stdout: expect.stringMatching(/^Moved and verified: /) };
const refused = (says: RegExp) => ({ code: 1, stdout: '', stderr: expect.stringMatching(says) });
const fileIn = (folder: string) => new SqliteStore(join(folder, 'bli-med.sqlite'));

/** What a store holds, without the mark of a move; it is closed over it. */
async function tallyOf(store: Store): Promise<string> {
  const tally = new Tally();
  for await (const row of store.rows())
    if (!(row.table === 'notes' && row.cells[0] === 'move')) tally.add(row);
  await store.close();
  return tally.mark;
}

/** A folder whose store holds something. */
async function used(): Promise<string> {
  const folder = emptyFolder();
  const store = fileIn(folder);
  await store.commit(0, rich('ada', 'event'));
  await store.close();
  return folder;
}

test('there and back: who was in a conversation goes on in it, and the program opens no store that was left', async () => {
  const [first, third] = [emptyFolder(), emptyFolder()];
  const meetings = join(emptyFolder(), 'meetings.yaml');
  writeFileSync(meetings, readFileSync(new URL('../content/meetings/demo.yaml', import.meta.url)));
  const settings = (DATA_DIR: string) => ({
    DATA_DIR,
    PORT: '0',
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    CLINIC_NAME: 'Eksempelklinikken',
    MEETINGS_FILE: meetings,
  });
  now = await Running.start(settings(first));
  const anna = new WebPerson({ running: async () => now as Running });
  await anna.opens(null);
  await anna.hears('Hello');
  expect(await moves(`sqlite:${first}`, server.url)).toEqual(refused(/program is running/));
  await now.stop();

  expect(await moves(`sqlite:${first}`, 'redis', { ...settings(first), REDIS_URL: server.url })).toEqual(
    done,
  );
  expect(await command([], settings(first))).toEqual(refused(/was moved to another/));
  const onRedis = { ...settings(emptyFolder()), REDIS_URL: server.url };
  now = await Running.start(onRedis);
  await anna.taps('Norsk');
  const answer = await anna.hears('');
  await now.stop();

  expect(await moves(server.url, `sqlite:${third}`)).toEqual(done);
  expect(await command([], onRedis)).toEqual(refused(/was moved to another/));
  now = await Running.start(settings(third));
  await anna.taps(answer.buttons[0]?.label ?? 'a button');
  const last = await anna.hears('');
  expect(new Set(anna.shown.map(({ seq }) => seq)).size).toBe(anna.shown.length);
  expect(last.text).not.toBe(answer.text);
  await now.stop();
});

test('all of it arrives, whatever it is', async () => {
  const folder = await used();
  const store = fileIn(folder);
  const many: Row[] = Array.from({ length: 1700 }, (_, i) => ({
    table: 'records',
    cells: [i % 16, `owner ${i % 40}`, 'diary', `${i}`, 1, bytes(i % 256, 0, 255)],
  }));
  await store.fill(many);
  await store.close();
  expect(await moves(`sqlite:${folder}`, server.url)).toEqual(done);
  const there = await tallyOf(await openStore(server.url));
  expect(there).toBe(await tallyOf(fileIn(folder)));
  const back = emptyFolder();
  expect(await moves(server.url, `sqlite:${back}`)).toEqual(done);
  const carried = fileIn(back);
  expect((await carried.load(0, 'event', [keyOf('ada')])).seen).toBe(true);
  await carried.close();
});

describe('a move is refused', () => {
  test('into a store that holds something, which stays as it is', async () => {
    const folder = await used();
    const redis = await openStore(server.url);
    await redis.commit(0, rich('berit'));
    const before = await tallyOf(redis);
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(refused(/--to is not empty/));
    expect(await tallyOf(await openStore(server.url))).toBe(before);
    const store = fileIn(folder);
    expect(await store.note('move')).toBeNull();
    await store.close();
  });

  test('from nothing, from what was left, to itself, and where the words mean nothing', async () => {
    const folder = await used();
    const address = `sqlite:${folder}`;
    expect(await moves(server.url, `sqlite:${emptyFolder()}`)).toEqual(refused(/nothing in --from/));
    expect(await moves(`sqlite:${emptyFolder()}`, server.url)).toEqual(refused(/there is no /));
    expect(await moves(address, address)).toEqual(refused(/the same store/));
    expect(await moves(address, 'file.sqlite')).toEqual(refused(/--to: expected sqlite:FOLDER/));
    expect(await moves(address, 'redis')).toEqual(refused(/REDIS_URL is not set/));
    expect(await moves(address, 'redis://:geheim@127.0.0.1:1')).toEqual(refused(/can not be reached/));
    expect(await moves(address, server.url)).toEqual(done);
    expect(await moves(address, `sqlite:${emptyFolder()}`)).toEqual(refused(/moved to another store before/));
  });
});

describe('a move that is broken off', () => {
  test('leaves the old store as it was and the new one shut, until it is emptied', async () => {
    const folder = await used();
    const store = fileIn(folder);
    const big = Array.from({ length: 40 }, (_, i) => ({
      key: keyOf('ada', `${i}`),
      version: 1,
      body: new Uint8Array(200_000),
    }));
    await store.commit(0, commitOf({ put: big }));
    const before = await tallyOf(store);
    const link = await openLink(server.url);
    const [memory] = await link.everywhere('INFO', 'memory');
    const most = Number(/used_memory:(\d+)/.exec(String(memory))?.[1]) + 2_000_000;
    await link.everywhere('CONFIG', 'SET', 'maxmemory', String(most));
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(refused(/can not be reached/));
    expect(await openedOn(server.url)).toEqual(refused(/move to this store was broken off/));
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(refused(/--to is half full/));
    expect(await moves(server.url, `sqlite:${emptyFolder()}`)).toEqual(refused(/--from is only half full/));
    await link.everywhere('CONFIG', 'SET', 'maxmemory', '0');
    await link.everywhere('FLUSHALL');
    await link.close();
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(done);
    expect(before).not.toBe('');
  });

  test('before its very last mark is finished by trying again', async () => {
    const folder = await used();
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(done);
    const redis = await openStore(server.url);
    await redis.setNote('move', 'half-full');
    await redis.close();
    expect(await openedOn(server.url)).toEqual(refused(/broken off/));
    expect(await moves(`sqlite:${folder}`, server.url)).toEqual(done);
    const opened = await openStore(server.url);
    expect(await opened.note('move')).toBe('');
    await opened.close();
  });
});

const openedOn = (url: string) => command([], { DATA_DIR: emptyFolder(), PORT: '0', REDIS_URL: url });
