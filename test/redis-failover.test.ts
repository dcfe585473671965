/**
 * The Redis store through the death of its primary, under a Sentinel: with `?replicas=1` whatever was acknowledged is
 * there afterwards, and what no replica has is not acknowledged. Without it, a failover may lose the last moment.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RedisStore } from '../src/store/redis.ts';
import { StoreDown } from '../src/store/store.ts';
import { commitOf, keyOf, rich } from './contracts/store-ground.ts';
import { openStore } from './fakes/redis.ts';
import { Watched } from './fakes/redis-groups.ts';

let watched: Watched;
let store: RedisStore;
beforeAll(async () => {
  watched = await Watched.start();
  store = await openStore(watched.url(1));
});
afterAll(async () => {
  await store.close();
  await watched.stop();
});

const record = (id: string) =>
  commitOf({ event: id, put: [{ key: keyOf('ada', id), version: 1, body: Buffer.from(id) }] });

test('what no replica has is no yes; once one has it, the same event is seen', async () => {
  expect(await store.commit(0, rich('berit', 'first'))).toBe('done');
  for (const replica of watched.replicas) replica.signal('SIGSTOP');
  await expect(store.commit(0, record('unsure'))).rejects.toThrow(StoreDown);
  await expect(store.load(0, 'unsure', [])).rejects.toThrow(StoreDown);
  for (const replica of watched.replicas) replica.signal('SIGCONT');
  expect(await store.commit(0, record('unsure'))).toBe('seen');
  expect((await store.load(0, 'unsure', [keyOf('ada', 'unsure')])).records[0]?.version).toBe(1);
});

test('when the primary dies, everything that was acknowledged is there, and it goes on', async () => {
  const acknowledged: string[] = [];
  let killed: Promise<void> | null = null;
  let isDead = false;
  /** Acknowledged of what was asked after the death. */
  let after = 0;
  const one = async (worker: number) => {
    for (let i = 0; after < 80; i++) {
      const id = `${worker}-${i}`;
      const asked = isDead;
      try {
        await store.commit(worker % 4, record(id));
        acknowledged.push(id);
        if (asked) after++;
      } catch (error) {
        if (!(error instanceof StoreDown)) throw error;
      }
      if (acknowledged.length < 200) continue;
      killed ??= watched.primary.kill().then(() => {
        isDead = true;
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => one(worker)));
  await killed;
  const lost: string[] = [];
  for (const id of acknowledged) {
    const found = await store.load(Number(id.split('-')[0]) % 4, id, [keyOf('ada', id)]);
    if (!found.seen || found.records[0] === null) lost.push(id);
  }
  expect(lost).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(250);
});
