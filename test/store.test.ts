/**
 * The SQLite store: the contract of the port, in memory and in a file, a comparison with a model, and what only this
 * adapter has: the bytes in its file, other processes on it, and which of its errors mean that one should come back.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { SqliteStore } from '../src/store/sqlite.ts';
import { StoreDown } from '../src/store/store.ts';
import { storeContract } from './contracts/store.ts';
import { bytes, commitOf, keyOf, type Opened } from './contracts/store-ground.ts';
import { commands, emptyModel } from './contracts/store-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'bli-med-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.sqlite`);

async function inFile(): Promise<Opened> {
  const file = newFile();
  const store = new SqliteStore(file);
  return {
    store,
    reopen: async () => {
      await store.close();
      return new SqliteStore(file);
    },
  };
}

storeContract('SQLite in memory', async () => ({ store: new SqliteStore(':memory:') }));
storeContract('SQLite in a file', inFile);

test('SQLite does what the model does, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const store = new SqliteStore(':memory:');
      try {
        await fc.asyncModelRun(() => ({ model: emptyModel(), real: store }), steps);
      } finally {
        await store.close();
      }
    }),
    { seed: 20261122, numRuns: 300 },
  );
});

describe('the file', () => {
  test('can be used by two processes at once, and neither writes over the other', async () => {
    const file = newFile();
    const [one, two] = [new SqliteStore(file), new SqliteStore(file)];
    const key = keyOf('ada');
    const first = commitOf({
      event: 'event',
      expected: [{ key, version: 0 }],
      put: [{ key, version: 1, body: bytes(1) }],
    });
    expect(await one.commit(0, first)).toBe('done');
    expect(await two.commit(0, { ...first, event: 'another' })).toBe('stale');
    expect(await two.commit(0, first)).toBe('seen');
    expect((await two.load(0, 'event', [key])).records[0]?.version).toBe(1);
    await one.close();
    await two.close();
  });

  test('holds nothing of an erased owner: no row in any table, no byte of the key or a body', async () => {
    const file = newFile();
    const store = new SqliteStore(file);
    const wrapped = Buffer.from('the-wrapped-key-of-ada-0123456789');
    const body = Buffer.from('the-body-of-a-record-of-ada-0123456789');
    const rows = (owner: string) => {
      const probe = new DatabaseSync(file, { readOnly: true });
      const counts = ['keys', 'records', 'timers', 'outbox', 'facts'].map(
        (table) => probe.prepare(`SELECT count(*) AS n FROM ${table} WHERE owner = ?`).get(owner)?.n,
      );
      probe.close();
      return counts;
    };
    const raw = () => [file, `${file}-wal`].map((name) => readFileSync(name).toString('latin1')).join('\n');
    for (const owner of ['ada', 'berit']) {
      const outgoing = { id: owner, owner, lane: owner, channel: '', priority: 1, due: 0, body };
      await store.commit(
        0,
        commitOf({
          keys: [{ owner, wrapped: owner === 'ada' ? wrapped : bytes(1) }],
          put: [{ key: keyOf(owner), version: 1, body: owner === 'ada' ? body : bytes(1) }],
          timers: { set: [{ owner, matter: 'plan', due: 1 }], clear: [] },
          outbox: [owner === 'ada' ? outgoing : { ...outgoing, body: bytes(1) }],
          facts: [{ owner, body: owner === 'ada' ? body : bytes(1) }],
        }),
      );
    }
    expect(rows('ada')).toEqual([1, 1, 1, 1, 1]);
    expect(raw()).toContain(wrapped.toString('latin1'));
    await store.commit(0, commitOf({ erase: ['ada'] }));
    expect(rows('ada')).toEqual([0, 0, 0, 0, 0]);
    expect(rows('berit')).toEqual([1, 1, 1, 1, 1]);
    expect(raw()).not.toContain(wrapped.toString('latin1'));
    expect(raw()).not.toContain(body.toString('latin1'));
    await store.close();
  });
});

describe('a store that can not be reached', () => {
  test('says so once it is closed, whatever is asked of it', async () => {
    const store = new SqliteStore(':memory:');
    const lease = { name: 'delivery', fence: 1 };
    await store.load(0, null, []);
    await store.close();
    const asked: (() => Promise<unknown>)[] = [
      () => store.load(0, 'event', [keyOf('ada')]),
      () => store.commit(0, commitOf({})),
      () => store.all(0, 'ada'),
      () => store.wrappedKey(0, 'ada'),
      () => store.timersDue(0, 1),
      () => store.nextMoment(0),
      () => store.sendable(0, [], 1),
      () => store.mark(0, 'id', lease, { state: 'sending' }),
      () => store.sent(0, 'ada', 0),
      () => store.failed(0, 'event', 0),
      () => store.claim('key', 'value'),
      () => store.claimed('key'),
      () => store.release('key', 'value'),
      () => store.lease('delivery', 'elsewhere:1:a', 1, 0),
      () => store.letGo('delivery', 'elsewhere:1:a'),
      () => store.note('key'),
      () => store.setNote('key', 'value'),
      () => store.prune(0),
    ];
    for (const ask of asked) await expect(ask(), ask.toString()).rejects.toThrow(StoreDown);
  });

  test('is one whose tables are gone from under it', async () => {
    const file = newFile();
    const store = new SqliteStore(file);
    await store.load(0, 'event', [keyOf('ada')]);
    const vandal = new DatabaseSync(file);
    vandal.exec('DROP TABLE records');
    vandal.close();
    await expect(store.load(0, 'event', [keyOf('ada')])).rejects.toThrow(StoreDown);
    const put = [{ key: keyOf('ada'), version: 1, body: bytes(1) }];
    await expect(store.commit(0, commitOf({ event: 'event', put }))).rejects.toThrow(StoreDown);
    expect((await store.load(0, 'event', [])).seen).toBe(false);
    await store.close();
  });

  test('is not one that is given what it can never write: coming back would not help', async () => {
    const store = new SqliteStore(':memory:');
    const outgoing = {
      id: 'same',
      owner: 'ada',
      lane: 'ada',
      channel: '',
      priority: 1,
      due: 0,
      body: bytes(),
    };
    await store.commit(0, commitOf({ outbox: [outgoing] }));
    const again = store.commit(0, commitOf({ outbox: [outgoing] }));
    await expect(again).rejects.not.toThrow(StoreDown);
    await store.close();
  });
});

describe('the lease between processes', () => {
  const taken = async (holder: string) => {
    const store = new SqliteStore(':memory:');
    await store.lease('delivery', holder, 1_000_000, 0);
    const fence = await store.lease('delivery', 'elsewhere:1:b', 1_000_000, 1);
    await store.close();
    return fence === null;
  };

  test('a holder on this machine that is dead holds nothing: a restart need not wait', async () => {
    // Linux gives no process a number beyond this.
    expect(await taken(`${hostname()}:4194305:a`)).toBe(false);
    expect(await taken(`${hostname()}:${process.pid}:an earlier life of this number`)).toBe(false);
  });

  test('one that lives, or of which nothing can be known, holds it', async () => {
    expect(await taken(`${hostname()}:${process.ppid}:a`)).toBe(true);
    expect(await taken('elsewhere:4194305:a')).toBe(true);
    expect(await taken(`${hostname()}:no number:a`)).toBe(true);
  });
});
