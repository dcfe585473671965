/**
 * The part of the store's contract about single values: claims, leases, notes, counted failures, and how long marks
 * are kept.
 */
import { describe, expect, test } from 'vitest';
import { kept } from '../../src/store/store.ts';
import { commitOf, type Ground, letter } from './store-ground.ts';

export function claimsContract(ground: Ground): void {
  describe('marks, failures and what was sent', () => {
    test('are kept until they are pruned by age; what still waits is not touched', async () => {
      await ground.store.commit(0, commitOf({ event: 'old', at: 100 }));
      await ground.store.commit(0, commitOf({ event: 'new', at: 200 }));
      await ground.store.failed(0, 'old', 100);
      await ground.store.failed(0, 'new', 200);
      await ground.post(letter({ id: 'old' }), letter({ id: 'new' }), letter({ id: 'waits' }));
      await ground.mark('old', { state: 'sent', at: 100, ref: null });
      await ground.mark('new', { state: 'sent', at: 200, ref: null });
      await ground.store.prune(200);
      expect((await ground.store.load(0, 'old', [])).seen).toBe(false);
      expect((await ground.store.load(0, 'new', [])).seen).toBe(true);
      expect(await ground.store.failed(0, 'old', 300)).toBe(1);
      expect(await ground.store.failed(0, 'new', 300)).toBe(2);
      expect((await ground.store.sent(0, 'ada', 0)).map(({ id }) => id)).toEqual(['new']);
      expect(await ground.waiting()).toEqual(['waits']);
    });

    test('are kept for two days: platforms deliver again for one', () => {
      expect(kept).toBe(48 * 3_600_000);
    });

    test('failures are counted by event and partition', async () => {
      expect(await ground.store.failed(0, 'event', 1)).toBe(1);
      expect(await ground.store.failed(0, 'event', 2)).toBe(2);
      expect(await ground.store.failed(1, 'event', 2)).toBe(1);
      expect(await ground.store.failed(0, 'another', 2)).toBe(1);
      expect((await ground.store.load(0, 'event', [])).seen).toBe(false);
    });
  });

  describe('claims', () => {
    test('the first holds it, and everybody is told who does', async () => {
      expect(await ground.store.claimed('chat')).toBeNull();
      expect(await ground.store.claim('chat', 'ada')).toBe('ada');
      expect(await ground.store.claim('chat', 'berit')).toBe('ada');
      expect(await ground.store.claim('chat', 'ada')).toBe('ada');
      expect(await ground.store.claimed('chat')).toBe('ada');
      expect(await ground.store.claimed('another')).toBeNull();
    });

    test('of many at once, one gets it', async () => {
      const values = Array.from({ length: 20 }, (_, i) => `value ${i}`);
      const told = new Set(await Promise.all(values.map((value) => ground.store.claim('chat', value))));
      expect([...told]).toEqual([await ground.store.claimed('chat')]);
    });

    test('one value can take the place of exactly the one that is named', async () => {
      await ground.store.claim('chat', 'ada');
      expect(await ground.store.claim('chat', 'berit', 'carl')).toBe('ada');
      expect(await ground.store.claim('chat', 'berit', 'ada')).toBe('berit');
      expect(await ground.store.claim('chat', 'carl', 'ada')).toBe('berit');
      expect(await ground.store.claim('free', 'ada', 'somebody')).toBe('ada');
    });

    test('is let go of only by the value that holds it', async () => {
      await ground.store.claim('chat', 'ada');
      await ground.store.release('chat', 'berit');
      expect(await ground.store.claimed('chat')).toBe('ada');
      await ground.store.release('chat', 'ada');
      expect(await ground.store.claimed('chat')).toBeNull();
      expect(await ground.store.claim('chat', 'berit')).toBe('berit');
    });
  });

  describe('the lease', () => {
    const [mine, other] = ['elsewhere:1:mine', 'elsewhere:2:other'];

    test('is one holder’s until it runs out, and the fence rises with every new one', async () => {
      expect(await ground.store.lease('right', mine, 100, 1000)).toBe(1);
      expect(await ground.store.lease('right', other, 100, 1099)).toBeNull();
      expect(await ground.store.lease('right', other, 100, 1100)).toBe(2);
      expect(await ground.store.lease('right', mine, 100, 1150)).toBeNull();
      expect(await ground.store.lease('right', mine, 100, 1200)).toBe(3);
    });

    test('is renewed by its holder with the same fence', async () => {
      await ground.store.lease('right', mine, 100, 1000);
      expect(await ground.store.lease('right', mine, 100, 1090)).toBe(1);
      expect(await ground.store.lease('right', other, 100, 1189)).toBeNull();
      expect(await ground.store.lease('right', other, 100, 1190)).toBe(2);
    });

    test('is free at once when its holder lets go, and nobody else can let go of it', async () => {
      await ground.store.lease('right', mine, 100, 1000);
      await ground.store.letGo('right', other);
      expect(await ground.store.lease('right', other, 100, 1001)).toBeNull();
      await ground.store.letGo('right', mine);
      expect(await ground.store.lease('right', other, 100, 1001)).toBe(2);
    });

    test('of one name says nothing of another', async () => {
      await ground.store.lease('right', mine, 100, 1000);
      expect(await ground.store.lease('another', other, 100, 1000)).toBe(1);
    });

    test('goes to one of many at once', async () => {
      const fences = await Promise.all(
        Array.from({ length: 20 }, (_, i) => ground.store.lease('right', `elsewhere:${i}:x`, 100, 1000)),
      );
      expect(fences.filter((fence) => fence !== null)).toEqual([1]);
    });
  });

  test('a note is what was noted last', async () => {
    expect(await ground.store.note('mode')).toBeNull();
    await ground.store.setNote('mode', 'demo');
    await ground.store.setNote('other', '');
    await ground.store.setNote('mode', 'production');
    expect(await ground.store.note('mode')).toBe('production');
    expect(await ground.store.note('other')).toBe('');
  });
}
