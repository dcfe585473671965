/**
 * New keys for old ones, while the program runs: every data key wrapped by the current master key, or every owner's
 * records sealed by a fresh data key. It may be stopped and begun again at any time; it must never lose the only key
 * that opens something.
 */
import type { Millis } from '../core/time.ts';
import type { Cells } from './rows.ts';
import type { DataKey, MasterKey } from './seal.ts';
import { emptyCommit, type Store } from './store.ts';
import { hashKeyClaim, named, programOwner } from './vault.ts';

/** Wraps by the current master key whatever an older one wrapped; how many that were. Then the older ones can go. */
export async function rewrapKeys(store: Store, master: MasterKey): Promise<number> {
  let done = 0;
  const again = (wrapped: Uint8Array, owner: string) =>
    master.unwrap(wrapped, owner).wrappedBy(master, owner);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const held = await store.claimed(hashKeyClaim);
  if (held && !master.isCurrent(Buffer.from(held, 'base64'), programOwner)) {
    await store.claim(hashKeyClaim, base64(again(Buffer.from(held, 'base64'), programOwner)), held);
    done++;
  }
  for (const [partition, owner, wrapped] of await wrappedKeys(store)) {
    if (master.isCurrent(wrapped, owner)) continue;
    if (await store.rewrap(partition, owner, wrapped, again(wrapped, owner))) done++;
  }
  return done;
}

/** All of them at once, since a store must not be changed while its rows are walked through. */
async function wrappedKeys(store: Store): Promise<Cells['keys'][]> {
  const found: Cells['keys'][] = [];
  for await (const row of store.rows()) if (row.table === 'keys') found.push(row.cells);
  return found;
}

/**
 * Gives every owner a fresh data key and seals their records with it; how many owners that were. What is written once
 * and never changed (messages, facts) still opens with the key it was sealed by, which stays beside the new one.
 */
export async function renewKeys(store: Store, master: MasterKey, now: Millis): Promise<number> {
  let done = 0;
  for (const [partition, owner, wrapped] of await wrappedKeys(store)) {
    const key = master.unwrap(wrapped, owner).renewed();
    if (!(await store.rewrap(partition, owner, wrapped, key.wrappedBy(master, owner)))) continue;
    while (!(await resealed(store, partition, owner, key, now)));
    done++;
  }
  return done;
}

/** False when a record changed meanwhile and all must be looked at again. */
async function resealed(
  store: Store,
  partition: number,
  owner: string,
  dataKey: DataKey,
  at: Millis,
): Promise<boolean> {
  for (const { key, record } of await store.all(partition, owner)) {
    const { version, body } = record;
    const about = named(key);
    const result = await store.commit(partition, {
      ...emptyCommit(at),
      expected: [{ key, version }],
      put: [{ key, version: version + 1, body: dataKey.seal(dataKey.open(body, about), about) }],
    });
    if (result === 'stale') return false;
  }
  return true;
}
