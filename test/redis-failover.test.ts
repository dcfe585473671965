/**
 * The Redis store through the death of its primary, under a Sentinel: with `?replicas=1` whatever was acknowledged is
 * there afterwards, and what no replica has is not acknowledged. Without it, a failover may lose the last moment.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LostTail } from '../src/store/lost-tail.ts';
import type { RedisStore } from '../src/store/redis.ts';
import { StoreDown } from '../src/store/store.ts';
import { commitOf, keyOf, rich } from './contracts/store-ground.ts';
import { openStore } from './fakes/redis.ts';
import { Watched } from './fakes/redis-groups.ts';
import { emptyFolder } from './fakes/running.ts';

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

test('without replicas counted on, what they had not yet got is lost, and the next start is told', async () => {
  const other = await Watched.start();
  const loose = await openStore(other.url());
  const file = join(emptyFolder(), 'commits.json');
  await loose.commit(0, record('early'));
  let told = 0;
  const guard = await LostTail.watch(loose, file, () => told++);
  for (const replica of other.replicas) replica.signal('SIGSTOP');
  // More than the line between them can hold.
  const body = new Uint8Array(1_000_000);
  for (let i = 0; i < 40; i++) {
    const put = [{ key: keyOf('ada', `${i}`), version: 1, body }];
    expect(await loose.commit(0, commitOf({ event: `late ${i}`, put }))).toBe('done');
  }
  await guard.note();
  await other.primary.kill();
  for (const replica of other.replicas) replica.signal('SIGCONT');
  for (;;) {
    const seen = await loose.load(0, 'early', []).catch(() => null);
    if (seen) break;
  }
  const lost: number[] = [];
  for (let i = 0; i < 40; i++) if (!(await loose.load(0, `late ${i}`, [])).seen) lost.push(i);
  // The last ones, without a gap before them: never one in the middle.
  expect(lost.length).toBeGreaterThan(0);
  expect(lost).toEqual(Array.from({ length: lost.length }, (_, i) => 40 - lost.length + i));
  const fault = await LostTail.fault(loose, file);
  expect(fault?.message).toMatch(new RegExp(`went back: at least ${lost.length} of 41`));
  await guard.end();
  expect(told).toBe(1);
  expect((await LostTail.fault(loose, file))?.message).toBe(fault?.message);
  await loose.close();
  await other.stop();
});
