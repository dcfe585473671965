/**
 * The part of the store's contract about what is due and what is to be sent: timers, the order of messages, and what
 * became of them.
 */
import { describe, expect, test } from 'vitest';
import type { Mark } from '../../src/store/store.ts';
import { bytes, commitOf, type Ground, letter, plain } from './store-ground.ts';

export function outboxContract(ground: Ground): void {
  describe('timers', () => {
    const set = (owner: string, matter: string, at: number, partition = 0) =>
      ground.store.commit(partition, commitOf({ timers: { set: [{ owner, matter, due: at }], clear: [] } }));
    const clear = (owner: string, matter: string) =>
      ground.store.commit(0, commitOf({ timers: { set: [], clear: [{ owner, matter }] } }));

    test('are due from their moment on, the longest due first, over all partitions', async () => {
      await set('ada', 'plan', 30);
      await set('berit', 'plan', 10, 1);
      await set('ada', 'later', 20);
      expect(await ground.due(9)).toEqual([]);
      expect(await ground.due(20)).toEqual(['berit plan', 'ada later']);
      expect(await ground.store.timersDue(99, 2)).toEqual([
        { partition: 1, owner: 'berit', matter: 'plan', due: 10 },
        { partition: 0, owner: 'ada', matter: 'later', due: 20 },
      ]);
    });

    test('there is one for each owner and matter: a new moment takes the place of the old', async () => {
      await set('ada', 'plan', 30);
      await set('ada', 'plan', 60);
      expect(await ground.due(59)).toEqual([]);
      await set('ada', 'plan', 15);
      expect(await ground.due(99)).toEqual(['ada plan']);
      expect(await ground.due(15)).toEqual(['ada plan']);
    });

    test('stay due until they are cleared, and clearing one leaves the others', async () => {
      await set('ada', 'plan', 10);
      await set('ada', 'later', 10);
      await set('berit', 'plan', 10);
      expect(await ground.due(10)).toHaveLength(3);
      expect(await ground.due(10)).toHaveLength(3);
      await clear('ada', 'plan');
      await clear('nobody', 'plan');
      expect((await ground.due(10)).sort()).toEqual(['ada later', 'berit plan']);
    });

    test('one that is cleared and set in the same commit is set', async () => {
      const timers = {
        set: [{ owner: 'ada', matter: 'plan', due: 5 }],
        clear: [{ owner: 'ada', matter: 'plan' }],
      };
      await ground.store.commit(0, commitOf({ timers }));
      expect(await ground.due(5)).toEqual(['ada plan']);
    });

    test('the next moment is that of a timer or of a message that must wait, whichever comes first', async () => {
      expect(await ground.store.nextMoment(0)).toBeNull();
      await set('ada', 'plan', 40);
      expect(await ground.store.nextMoment(0)).toBe(40);
      expect(await ground.store.nextMoment(40)).toBeNull();
      await ground.post(letter({ id: 'a', due: 30 }), letter({ id: 'b', lane: 'other' }));
      expect(await ground.store.nextMoment(0)).toBe(30);
      await ground.mark('b', { state: 'sending' });
      await ground.mark('b', { state: 'retry', again: 20, doubt: false });
      expect(await ground.store.nextMoment(0)).toBe(20);
      await ground.mark('b', { state: 'held', due: 35 });
      expect(await ground.store.nextMoment(0)).toBe(30);
      await ground.mark('a', { state: 'gone' });
      expect(await ground.store.nextMoment(0)).toBe(35);
      await ground.mark('b', { state: 'sent', at: 0, ref: null });
      expect(await ground.store.nextMoment(0)).toBe(40);
    });
  });

  describe('the outbox', () => {
    test('gives the first message of each lane, and the next when that is away', async () => {
      await ground.post(letter({ id: 'a1' }), letter({ id: 'a2' }), letter({ id: 'b1', owner: 'berit' }));
      await ground.post(letter({ id: 'a3' }));
      expect(await ground.waiting()).toEqual(['a1', 'b1']);
      await ground.mark('a1', { state: 'sending' });
      await ground.mark('a1', { state: 'sent', at: 1, ref: null });
      expect(await ground.waiting()).toEqual(['a2', 'b1']);
      await ground.mark('a2', { state: 'gone' });
      expect(await ground.waiting()).toEqual(['b1', 'a3']);
    });

    test('is ordered by urgency between lanes, then by age, and never within a lane', async () => {
      await ground.post(
        letter({ id: 'bulk', lane: 'l1', priority: 3 }),
        letter({ id: 'answer', lane: 'l2', priority: 1 }),
        letter({ id: 'later-answer', lane: 'l3', priority: 1 }),
        letter({ id: 'safety', lane: 'l1', priority: 0 }),
      );
      expect(await ground.waiting()).toEqual(['answer', 'later-answer', 'bulk']);
      expect(await ground.waiting(0, [], 1)).toEqual(['answer']);
      await ground.mark('bulk', { state: 'gone' });
      expect(await ground.waiting()).toEqual(['safety', 'answer', 'later-answer']);
    });

    test('leaves out busy lanes', async () => {
      await ground.post(letter({ id: 'a1' }), letter({ id: 'a2' }), letter({ id: 'b1', owner: 'berit' }));
      expect(await ground.waiting(0, ['ada'])).toEqual(['b1']);
      expect(await ground.waiting(0, ['ada', 'berit', "it's"])).toEqual([]);
    });

    test('leaves out channels that take nothing now, and has what goes by none all the same', async () => {
      await ground.post(
        letter({ id: 'a1' }),
        letter({ id: 'a2', channel: 'web' }),
        letter({ id: 'b1', owner: 'berit', channel: 'web' }),
        letter({ id: 'c1', owner: 'carl', channel: '', priority: 2 }),
      );
      const waiting = async (...closed: string[]) =>
        (await ground.store.sendable(0, [], 9, { closed })).map(({ id, channel }) => `${id} ${channel}`);
      expect(await waiting()).toEqual(['a1 telegram', 'b1 web', 'c1 ']);
      expect(await waiting('telegram')).toEqual(['b1 web', 'c1 ']);
      expect(await waiting('telegram', 'web', 'pigeon')).toEqual(['c1 ']);
      // A lane is led by its first message, whatever takes the second.
      await ground.mark('a1', { state: 'gone' });
      expect(await waiting('telegram')).toEqual(['a2 web', 'b1 web', 'c1 ']);
    });

    test('can be asked about some partitions only', async () => {
      await ground.post(letter({ id: 'a1' }));
      await ground.store.commit(3, commitOf({ outbox: [letter({ id: 'b1', owner: 'berit' })] }));
      const ids = async (...partitions: number[]) =>
        (await ground.store.sendable(0, [], 9, { partitions })).map(({ id }) => id);
      expect(await ids(3)).toContain('b1');
      expect((await ids(0, 3)).sort()).toEqual(['a1', 'b1']);
    });

    test('gives whose it is and how it has fared', async () => {
      await ground.store.commit(4, commitOf({ outbox: [letter({ id: 'a1', lane: 'l', body: bytes() })] }));
      const held = (state: Mark) => ground.store.mark(4, 'a1', ground.lease, state);
      const [first] = await ground.store.sendable(0, [], 9);
      expect(first).toMatchObject({
        ...{
          partition: 4,
          id: 'a1',
          owner: 'ada',
          lane: 'l',
          priority: 1,
          attempts: 0,
          doubts: 0,
          ambiguous: false,
        },
      });
      expect(plain(first?.body)).toEqual([]);
      await held({ state: 'sending' });
      expect((await ground.store.sendable(0, [], 9))[0]).toMatchObject({
        attempts: 1,
        doubts: 0,
        ambiguous: true,
      });
      await held({ state: 'retry', again: 0, doubt: true });
      expect((await ground.store.sendable(0, [], 9))[0]).toMatchObject({
        attempts: 1,
        doubts: 1,
        ambiguous: false,
      });
      await held({ state: 'sending' });
      await held({ state: 'retry', again: 0, doubt: false });
      expect((await ground.store.sendable(0, [], 9))[0]).toMatchObject({
        attempts: 2,
        doubts: 1,
        ambiguous: false,
      });
      await held({ state: 'held', due: 0 });
      expect((await ground.store.sendable(0, [], 9))[0]).toMatchObject({
        attempts: 2,
        doubts: 1,
        ambiguous: false,
      });
    });

    test('one that is tried again later keeps its lane waiting', async () => {
      await ground.post(letter({ id: 'a1' }), letter({ id: 'a2' }));
      await ground.mark('a1', { state: 'sending' });
      await ground.mark('a1', { state: 'retry', again: 50, doubt: false });
      expect(await ground.waiting(49)).toEqual([]);
      expect(await ground.waiting(50)).toEqual(['a1']);
    });

    test('one that is held lets others go first', async () => {
      await ground.post(letter({ id: 'a1' }), letter({ id: 'a2' }), letter({ id: 'a3' }));
      await ground.mark('a1', { state: 'held', due: 50 });
      expect(await ground.waiting(49)).toEqual(['a2']);
      expect(await ground.waiting(50)).toEqual(['a1']);
    });

    test('one that is not yet due lets others go first', async () => {
      await ground.post(letter({ id: 'a1', due: 50 }), letter({ id: 'a2' }));
      expect(await ground.waiting(49)).toEqual(['a2']);
      expect(await ground.waiting(50)).toEqual(['a1']);
    });

    test('what was being sent is found again, ambiguous, after the process is gone', async () => {
      await ground.post(letter({ id: 'a1' }), letter({ id: 'a2' }));
      await ground.mark('a1', { state: 'sending' });
      await ground.reopen();
      const [first, ...others] = await ground.store.sendable(0, [], 9);
      expect(first).toMatchObject({ id: 'a1', ambiguous: true, attempts: 1 });
      expect(others).toEqual([]);
    });

    test('nobody else marks: an old fence, another ground.lease, a message that is gone', async () => {
      await ground.post(letter({ id: 'a1' }));
      expect(
        await ground.mark('a1', { state: 'sending' }, { name: 'another', fence: ground.lease.fence }),
      ).toBe(false);
      expect(await ground.mark('nothing', { state: 'sending' })).toBe(false);
      expect(await ground.store.mark(1, 'a1', ground.lease, { state: 'sending' })).toBe(false);
      await ground.store.letGo('delivery', 'elsewhere:1:a');
      const fence = (await ground.store.lease('delivery', 'elsewhere:2:b', 1000, 1)) ?? -1;
      const states: Mark[] = [
        { state: 'sending' },
        { state: 'retry', again: 9, doubt: true },
        { state: 'held', due: 9 },
        { state: 'sent', at: 9, ref: 'ref' },
        { state: 'gone' },
      ];
      for (const state of states) expect(await ground.mark('a1', state), state.state).toBe(false);
      expect(await ground.store.sendable(0, [], 9)).toMatchObject([{ id: 'a1', attempts: 0, doubts: 0 }]);
      expect(await ground.mark('a1', { state: 'sending' }, { name: 'delivery', fence })).toBe(true);
    });

    test('an id is taken once in a partition', async () => {
      await ground.post(letter({ id: 'same' }));
      await expect(ground.post(letter({ id: 'same', lane: 'other' }))).rejects.toThrow();
      await ground.store.commit(1, commitOf({ outbox: [letter({ id: 'same', lane: 'other' })] }));
      expect(await ground.waiting()).toEqual(['same', 'same']);
    });

    test('what was sent is kept in order, by owner and partition, and is sent no more', async () => {
      await ground.post(
        letter({ id: 'a1' }),
        letter({ id: 'b1', owner: 'berit' }),
        letter({ id: 'a2', body: bytes(2) }),
      );
      await ground.store.commit(1, commitOf({ outbox: [letter({ id: 'x1' })] }));
      for (const [id, ref] of [
        ['a2', null],
        ['a1', 'ref'],
        ['b1', null],
      ] as const) {
        await ground.mark(id, { state: 'sending' });
        await ground.mark(id, { state: 'sent', at: 7, ref });
      }
      const sent = await ground.store.sent(0, 'ada', 0);
      expect(sent.map(({ id, at, ref, body }) => [id, at, ref, plain(body)])).toEqual([
        ['a1', 7, 'ref', [1]],
        ['a2', 7, null, [2]],
      ]);
      expect((await ground.store.sent(0, 'ada', sent[0]?.seq ?? 0)).map(({ id }) => id)).toEqual(['a2']);
      expect(await ground.store.sent(1, 'ada', 0)).toEqual([]);
      expect(await ground.waiting()).toEqual(['x1']);
    });

    test('tells whom something was last said to between two moments, where nothing waits', async () => {
      const said = async (id: string, owner: string, at: number, partition = 0) => {
        await ground.store.commit(partition, commitOf({ outbox: [letter({ id, owner })] }));
        await ground.store.mark(partition, id, ground.lease, { state: 'sending' });
        await ground.store.mark(partition, id, ground.lease, { state: 'sent', at, ref: null });
      };
      const spokenTo = async () =>
        (await ground.store.spokenTo(10, 20)).map(({ partition, owner }) => `${partition} ${owner}`).sort();
      expect(await spokenTo()).toEqual([]);
      await said('a', 'too-early', 9);
      await said('b', 'at-first', 10);
      await said('c', 'at-last', 20);
      await said('d', 'too-late', 21);
      await said('e', 'both', 15, 1);
      await said('f', 'both', 5, 1);
      await said('g', 'again-later', 15);
      await said('h', 'again-later', 30);
      await said('i', 'waits', 15);
      await ground.post(letter({ id: 'j', owner: 'waits' }));
      await ground.post(letter({ id: 'k', owner: 'only-waits' }));
      expect(await spokenTo()).toEqual(['0 at-first', '0 at-last', '1 both']);
    });

    test('numbers rise with every message, also past ones that are gone', async () => {
      await ground.post(letter({ id: 'a1' }));
      const [first] = await ground.store.sendable(0, [], 9);
      await ground.mark('a1', { state: 'gone' });
      await ground.store.commit(0, commitOf({ erase: ['ada'] }));
      await ground.reopen();
      await ground.post(letter({ id: 'a2' }));
      const [second] = await ground.store.sendable(0, [], 9);
      expect(second?.seq).toBeGreaterThan(first?.seq ?? Number.POSITIVE_INFINITY);
    });
  });
}
