/**
 * The Redis store on a server of its own: the contract of the port, a comparison with the model, and what only this
 * adapter has: keys on one slot, lost answers, a server that is gone, full or new.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisStore } from '../src/store/redis.ts';
import { commitArguments, counterKey } from '../src/store/redis-coding.ts';
import type { RedisLink } from '../src/store/redis-link.ts';
import * as scripts from '../src/store/redis-scripts.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { type Store, StoreDown } from '../src/store/store.ts';
import { storeContract } from './contracts/store.ts';
import { bytes, commitOf, keyOf, letter, rich } from './contracts/store-ground.ts';
import { commands, emptyModel } from './contracts/store-model.ts';
import { alike, steps } from './contracts/store-twins.ts';
import { Line } from './fakes/line.ts';
import { openLink, openStore, RedisServer } from './fakes/redis.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

/** A store with nothing in it. */
async function fresh(): Promise<RedisStore> {
  const link = await openLink(server.url);
  await link.everywhere('FLUSHALL');
  await link.close();
  return openStore(server.url);
}

storeContract('Redis', async () => {
  const store = await fresh();
  return {
    store,
    reopen: async () => {
      await store.close();
      return openStore(server.url);
    },
  };
});

test('Redis does what the model does, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const store = await fresh();
      try {
        await fc.asyncModelRun(() => ({ model: emptyModel(), real: store }), steps);
      } finally {
        await store.close();
      }
    }),
    { seed: 20261122, numRuns: 100 },
  );
});

test('Redis shows the same outbox as SQLite, whatever is done and whatever the clock says', async () => {
  const twin = async (store: Store) => ({
    store,
    lease: { name: 'delivery', fence: (await store.lease('delivery', 'elsewhere:1:a', 1000, 0)) ?? -1 },
  });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const [one, other] = [await twin(await fresh()), await twin(new SqliteStore(':memory:'))];
      try {
        await alike(one, other, given);
      } finally {
        await one.store.close();
        await other.store.close();
      }
    }),
    { seed: 20261122, numRuns: 100 },
  );
});

const put = (owner: string, version = 1) => ({ key: keyOf(owner), version, body: bytes(version) });

describe('an answer that got lost', () => {
  let line: Line;
  let store: RedisStore;
  let beside: RedisStore;
  const open = async () => {
    beside = await fresh();
    line = await Line.to(server.port);
    store = await openStore(`redis://127.0.0.1:${line.port}`);
  };
  const close = async () => {
    await store.close();
    await beside.close();
    await line.stop();
  };

  test.each(['event', null])('is found out by looking: the commit of %j is done, once', async (event) => {
    await open();
    await store.note('the scripts are known to the server, and the line stands');
    line.loses('answer');
    const commit = { ...rich('ada', event), expected: [{ key: keyOf('ada'), version: 0 }] };
    expect(await store.commit(0, commit)).toBe('done');
    expect(line.breaks).toBe(1);
    expect((await beside.commits())[0]).toBe(1);
    expect((await beside.sendable(9, [], 9)).map(({ id }) => id)).toEqual(['ada-letter']);
    await close();
  });

  test('of a commit that never arrived is no yes: it is to be tried again', async () => {
    await open();
    line.loses('request');
    await expect(store.commit(0, rich('ada', 'event'))).rejects.toThrow(StoreDown);
    expect((await beside.load(0, 'event', [])).seen).toBe(false);
    expect(await store.commit(0, rich('ada', 'event'))).toBe('done');
    await close();
  });

  test('of a commit that somebody else had made is seen', async () => {
    await open();
    await beside.commit(0, commitOf({ event: 'event', put: [put('berit')] }));
    line.loses('answer');
    expect(await store.commit(0, rich('ada', 'event'))).toBe('seen');
    expect((await beside.load(0, null, [keyOf('ada')])).records).toEqual([null]);
    await close();
  });
});

test('a commit that the driver sends again, as it does behind Sentinels, is done once', async () => {
  const store = await fresh();
  const link = await openLink(server.url);
  const commit = commitArguments('nonce', rich('ada'));
  const send = async () => String(await link.run(scripts.commit, counterKey(0), ...commit));
  expect([await send(), await send()]).toEqual(['done,1', 'done,1']);
  expect(await store.sendable(99, [], 9)).toHaveLength(1);
  await link.close();
  await store.close();
});

/** Every key of the store with what stands under it, as text. */
async function dump(link: RedisLink): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const key of link.scan('')) found.set(key, String(await link.command(key, 'DUMP', key)));
  return found;
}

test('every key of a partition bears its tag, and nothing else is on another slot but single values', async () => {
  const store = await fresh();
  await store.commit(3, rich('a{d}a', 'event'));
  await store.failed(3, 'event', 1);
  await store.claim('chat', 'ada');
  await store.setNote('mode', 'demo');
  const fence = (await store.lease('delivery', 'elsewhere:1:a', 1000, 0)) ?? 0;
  await store.mark(3, 'a{d}a-letter', { name: 'delivery', fence }, { state: 'sent', at: 1, ref: null });
  await store.close();
  const link = await openLink(server.url);
  const keys = [...(await dump(link)).keys()];
  await link.close();
  const rest = keys.filter((key) => !/^bm:\{p\d+\}:/.test(key));
  expect(rest.sort()).toEqual(['bm:claim:chat', 'bm:lease:delivery', 'bm:note:mode']);
  expect(keys.filter((key) => key.startsWith('bm:{p3}:')).length).toBeGreaterThan(10);
});

test('a fence that a failover lost is written again by its holder', async () => {
  const store = await fresh();
  const link = await openLink(server.url);
  const renew = (now: number) => store.lease('delivery', 'elsewhere:1:a', 100, now);
  const lease = { name: 'delivery', fence: (await renew(0)) ?? 0 };
  await store.commit(0, commitOf({ outbox: [letter({ id: 'a1' })] }));
  const marked = () => store.mark(0, 'a1', lease, { state: 'sending' });
  expect(await marked()).toBe(true);
  await link.command('bm:{p0}:fences', 'DEL', 'bm:{p0}:fences');
  expect(await marked()).toBe(false);
  await renew(50);
  expect(await renew(100)).toBe(lease.fence);
  expect(await marked()).toBe(true);
  await link.close();
  await store.close();
});

describe('what is over', () => {
  test('leaves no key behind: marks, failures and messages go by age', async () => {
    const store = await fresh();
    const link = await openLink(server.url);
    const fence = (await store.lease('delivery', 'elsewhere:1:a', 1000, 0)) ?? 0;
    const left = async () => [...(await dump(link)).keys()].filter((key) => !key.includes('fences')).sort();
    await store.commit(0, commitOf({ event: 'first', put: [put('ada')] }));
    await store.prune(1);
    const before = await left();
    for (let i = 0; i < 700; i++) {
      const outbox = [letter({ id: `${i}` })];
      await store.commit(0, commitOf({ event: `${i}`, at: 5, outbox }));
      await store.failed(0, `${i}`, 5);
      const mark =
        i % 7 === 0 ? ({ state: 'gone' } as const) : ({ state: 'sent', at: 5, ref: null } as const);
      await store.mark(0, `${i}`, { name: 'delivery', fence }, mark);
    }
    await store.prune(6);
    expect((await left()).filter((key) => !before.includes(key))).toEqual(['bm:{p0}:seq']);
    await store.close();
    await link.close();
  });

  test('an erased owner is in no key and no value, and out of the log with the next pruning', async () => {
    const store = await fresh();
    const link = await openLink(server.url);
    const wrapped = Buffer.from('the-wrapped-key-of-ada-0123456789');
    const commit = rich('ada', 'event');
    await store.commit(0, { ...commit, keys: [{ owner: 'ada', wrapped }] });
    await store.commit(0, rich('berit'));
    const fence = (await store.lease('delivery', 'elsewhere:1:a', 1000, 0)) ?? 0;
    await store.mark(0, 'ada-letter', { name: 'delivery', fence }, { state: 'sent', at: 1, ref: 'ref' });
    await store.commit(0, commitOf({ outbox: [letter({ id: 'waits' })] }));
    expect(server.log()).toContain(String(wrapped));
    await store.commit(0, commitOf({ erase: ['ada'] }));
    const left = [...(await dump(link))].flat().join('\n');
    expect(left).not.toMatch(/ada|waits/);
    expect(left).toMatch(/berit/);
    await store.prune(0);
    for (;;) {
      const [info] = await link.everywhere('INFO', 'persistence');
      if (/aof_rewrite_in_progress:0/.test(String(info)) && /rewrite_scheduled:0/.test(String(info))) break;
    }
    expect(server.log()).not.toContain(String(wrapped));
    expect(server.log()).toContain('berit');
    await store.close();
    await link.close();
  });
});

describe('a server that can not be reached', () => {
  test('is said so whatever is asked, and all is there when it comes back', async () => {
    const own = await RedisServer.start();
    const store = await openStore(own.url);
    await store.commit(0, rich('ada', 'event'));
    await own.kill();
    const lease = { name: 'delivery', fence: 1 };
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
      () => store.spokenTo(0, 1),
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
    const told = await Promise.allSettled(asked.map((ask) => ask()));
    for (const [i, one] of told.entries())
      expect(one.status === 'rejected' && one.reason, String(asked[i])).toBeInstanceOf(StoreDown);
    await own.again();
    expect((await store.load(0, 'event', [])).seen).toBe(true);
    await store.close();
    await expect(store.note('key')).rejects.toThrow(StoreDown);
    await own.stop();
  });

  test('is said at once when a store is to be opened', async () => {
    const own = await RedisServer.start();
    await own.kill();
    await expect(openStore(own.url)).rejects.toThrow(StoreDown);
    await own.stop();
  });

  test('or is full, takes nothing, not even a part of a commit', async () => {
    const own = await RedisServer.start();
    const store = await openStore(own.url);
    const link = await openLink(own.url);
    await store.commit(0, rich('ada'));
    const before = await dump(link);
    await link.everywhere('CONFIG', 'SET', 'maxmemory', '1');
    const farewell = { ...rich('berit', 'event'), erase: ['ada'] };
    await expect(store.commit(0, farewell)).rejects.toThrow(StoreDown);
    await store.prune(0);
    await link.everywhere('CONFIG', 'SET', 'maxmemory', '0');
    expect(await dump(link)).toEqual(before);
    expect(await store.commit(0, farewell)).toBe('done');
    await store.close();
    await link.close();
    await own.stop();
  });

  test('is not one that is given what it can never write', async () => {
    const store = await fresh();
    await store.commit(0, commitOf({ outbox: [letter({ id: 'same' })] }));
    const again = store.commit(0, commitOf({ outbox: [letter({ id: 'same' })] }));
    await expect(again).rejects.not.toThrow(StoreDown);
    await store.close();
  });
});

test('a great crowd of waiting lanes is looked at in full, the most urgent first', async () => {
  const store = await fresh();
  const crowd = Array.from({ length: 1000 }, (_, i) =>
    letter({ id: `${i}`, owner: `o${i}`, priority: 3, due: 5 }),
  );
  await store.commit(0, commitOf({ outbox: crowd }));
  await store.commit(0, commitOf({ outbox: [letter({ id: 'answer', owner: 'z', priority: 1 })] }));
  expect((await store.sendable(5, [], 3)).map(({ id }) => id)).toEqual(['answer', '0', '1']);
  expect((await store.sendable(5, ['z', 'o0', 'o999'], 2000)).length).toBe(998);
  expect((await store.sendable(4, [], 3)).map(({ id }) => id)).toEqual(['answer']);
  await store.close();
});
