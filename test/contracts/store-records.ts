/**
 * The part of the store's contract about what is known: records, event marks, keys and timers, written all or not at
 * all, and erased without a trace.
 */
import { describe, expect, test } from 'vitest';
import type { RecordKey } from '../../src/core/records.ts';
import { bytes, commitOf, type Ground, keyOf, letter, none, plain, rich, whole } from './store-ground.ts';

const everything = ['ada', 'berit'].flatMap((owner) => [keyOf(owner), keyOf(owner, 'second')]);

export function recordsContract(ground: Ground): void {
  describe('loading and committing', () => {
    test('what was never written is not there', async () => {
      expect(await ground.store.load(3, 'event', everything)).toEqual({
        seen: false,
        records: [null, null, null, null],
        keys: new Map(),
      });
      expect(await ground.shows(0, 'ada')).toEqual(none);
    });

    test('a commit writes everything it holds, and the records come back in the order asked for', async () => {
      expect(await ground.store.commit(0, rich('ada', 'event'))).toBe('done');
      expect(await ground.shows(0, 'ada')).toEqual(whole);
      const loaded = await ground.store.load(0, 'event', [
        keyOf('ada', 'second'),
        keyOf('berit'),
        keyOf('ada'),
      ]);
      expect(loaded.seen).toBe(true);
      expect(loaded.records.map((record) => record?.version ?? null)).toEqual([1, null, 1]);
      expect([...loaded.keys].map(([owner, key]) => [owner, plain(key)])).toEqual([['ada', [9, 9]]]);
      expect(
        (await ground.store.all(0, 'ada')).map(({ key, record }) => [
          key,
          record.version,
          plain(record.body),
        ]),
      ).toEqual(
        expect.arrayContaining([
          [keyOf('ada'), 1, [1, 2]],
          [keyOf('ada', 'second'), 1, []],
        ]),
      );
    });

    test('a wrapped key is put in the place of the one that was seen, and of no other', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.store.commit(0, rich('berit'));
      expect(await ground.store.rewrap(0, 'ada', bytes(9, 9), bytes(8))).toBe(true);
      expect(await ground.store.rewrap(0, 'ada', bytes(9, 9), bytes(7))).toBe(false);
      expect(await ground.store.rewrap(0, 'dora', bytes(9, 9), bytes(7))).toBe(false);
      expect(plain(await ground.store.wrappedKey(0, 'ada'))).toEqual([8]);
      expect(plain(await ground.store.wrappedKey(0, 'berit'))).toEqual([9, 9]);
      expect(await ground.store.wrappedKey(0, 'dora')).toBeNull();
    });

    test('it lasts', async () => {
      await ground.store.commit(0, rich('ada', 'event'));
      await ground.reopen();
      expect(await ground.shows(0, 'ada')).toEqual(whole);
      expect((await ground.store.load(0, 'event', [])).seen).toBe(true);
    });

    test('records of one id but another kind are others', async () => {
      const diary: RecordKey = { owner: 'ada', kind: 'diary', id: 'ada' };
      await ground.store.commit(0, commitOf({ put: [{ key: diary, version: 1, body: bytes(3) }] }));
      expect(await ground.bodies(0, [keyOf('ada'), diary])).toEqual([null, [3]]);
    });

    test('an event is seen once in its partition: the second time nothing is written', async () => {
      await ground.store.commit(0, commitOf({ event: 'event', at: 5 }));
      expect(await ground.store.commit(0, rich('ada', 'event'))).toBe('seen');
      expect(await ground.shows(0, 'ada')).toEqual(none);
      expect(await ground.store.commit(1, rich('ada', 'event'))).toBe('done');
      expect((await ground.store.load(2, 'event', [])).seen).toBe(false);
      expect((await ground.store.load(0, null, [])).seen).toBe(false);
    });

    test('seen comes before stale: an event that is done need not be decided again', async () => {
      await ground.store.commit(0, commitOf({ event: 'event', at: 5 }));
      const expected = [{ key: keyOf('ada'), version: 3 }];
      expect(await ground.store.commit(0, commitOf({ event: 'event', expected }))).toBe('seen');
    });

    test.each([
      ['one that is gone', 3, []],
      ['one that appeared', 0, [1]],
      ['one that moved on', 1, [1, 2]],
      ['one that fell behind', 3, [1, 2]],
    ])('a record expected otherwise is stale and writes nothing: %s', async (_, version, written) => {
      const key = keyOf('berit');
      for (const one of written)
        await ground.store.commit(0, commitOf({ put: [{ key, version: one, body: bytes(one) }] }));
      const before = await ground.bodies(0, [key]);
      const commit = { ...rich('ada', 'event'), expected: [{ key, version }], drop: [key] };
      expect(await ground.store.commit(0, commit)).toBe('stale');
      expect(await ground.shows(0, 'ada')).toEqual(none);
      expect(await ground.bodies(0, [key])).toEqual(before);
      expect((await ground.store.load(0, 'event', [])).seen).toBe(false);
      expect(await ground.store.commit(0, { ...commit, expected: [] })).toBe('done');
    });

    test('what was not there may be expected so', async () => {
      const expected = [{ key: keyOf('ada'), version: 0 }];
      expect(await ground.store.commit(0, { ...rich('ada'), expected })).toBe('done');
      expect(await ground.store.commit(0, commitOf({ expected: [{ key: keyOf('ada'), version: 1 }] }))).toBe(
        'done',
      );
    });

    test('an owner keeps the key it has, and the commit that brings another is stale', async () => {
      await ground.store.commit(0, commitOf({ keys: [{ owner: 'ada', wrapped: bytes(1) }] }));
      expect(await ground.store.commit(0, rich('ada', 'event'))).toBe('stale');
      expect(await ground.shows(0, 'ada')).toEqual({ ...none, key: [1] });
      expect(await ground.store.commit(1, rich('ada', 'event'))).toBe('done');
    });

    test('of two commits on what both read, one wins', async () => {
      const key = keyOf('ada');
      const tries = Array.from({ length: 20 }, (_, i) =>
        ground.store.commit(
          0,
          commitOf({ expected: [{ key, version: 0 }], put: [{ key, version: 1, body: bytes(i) }] }),
        ),
      );
      const results = await Promise.all(tries);
      expect(results.filter((result) => result === 'done')).toHaveLength(1);
      expect(await ground.bodies(0, [key])).toEqual([[results.indexOf('done')]]);
    });

    test('a commit that fails halfway leaves nothing', async () => {
      await ground.post(letter({ id: 'twice' }));
      const commit = { ...rich('berit', 'event'), outbox: [letter({ id: 'twice', owner: 'berit' })] };
      await expect(ground.store.commit(0, commit)).rejects.toThrow();
      expect(await ground.shows(0, 'berit')).toEqual(none);
      expect((await ground.store.load(0, 'event', [])).seen).toBe(false);
      expect(await ground.store.commit(0, rich('berit', 'event'))).toBe('done');
    });

    test('dropping removes one record and no other', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.store.commit(0, rich('berit'));
      await ground.store.commit(0, commitOf({ drop: [keyOf('ada', 'second'), keyOf('nobody')] }));
      expect(await ground.bodies(0, everything)).toEqual([[1, 2], null, [1, 2], []]);
    });

    test('partitions know nothing of one another', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.store.commit(1, {
        ...rich('ada'),
        put: [{ key: keyOf('ada'), version: 4, body: bytes(4) }],
      });
      await ground.store.commit(1, commitOf({ drop: [keyOf('ada')], erase: ['ada'] }));
      expect(await ground.shows(0, 'ada')).toEqual(whole);
      expect(await ground.shows(1, 'ada')).toEqual(none);
    });
  });

  describe('erasing', () => {
    test('takes everything of one owner and nothing of another', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.store.commit(0, rich('berit'));
      await ground.mark('ada-letter', { state: 'sending' });
      await ground.mark('ada-letter', { state: 'sent', at: 5, ref: 'ref' });
      await ground.post(letter({ id: 'waits' }), letter({ id: 'held', due: 90 }));
      expect(await ground.store.commit(0, commitOf({ event: 'bye', erase: ['ada'] }))).toBe('done');
      expect(await ground.shows(0, 'ada')).toEqual(none);
      expect(await ground.store.sent(0, 'ada', 0)).toEqual([]);
      expect(await ground.shows(0, 'berit')).toEqual(whole);
      expect((await ground.store.load(0, 'bye', [])).seen).toBe(true);
    });

    test('goes before the rest of its commit, so that a farewell stays', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.store.commit(
        0,
        commitOf({
          erase: ['ada'],
          outbox: [letter({ owner: 'clinic', id: 'bye' }), letter({ owner: 'clinic', id: 'ada-letter' })],
        }),
      );
      expect(await ground.waiting()).toEqual(['bye']);
      await ground.mark('bye', { state: 'gone' });
      expect(await ground.waiting()).toEqual(['ada-letter']);
    });

    test('writes nothing when the commit is stale', async () => {
      await ground.store.commit(0, rich('ada'));
      const expected = [{ key: keyOf('ada'), version: 2 }];
      expect(await ground.store.commit(0, commitOf({ erase: ['ada'], expected }))).toBe('stale');
      expect(await ground.shows(0, 'ada')).toEqual(whole);
    });

    test('what was under way when its owner was erased can be marked no more', async () => {
      await ground.store.commit(0, rich('ada'));
      await ground.mark('ada-letter', { state: 'sending' });
      await ground.store.commit(0, commitOf({ erase: ['ada'] }));
      expect(await ground.mark('ada-letter', { state: 'sent', at: 1, ref: null })).toBe(false);
      expect(await ground.store.sent(0, 'ada', 0)).toEqual([]);
    });
  });
}
