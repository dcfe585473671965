/**
 * The part of the store's contract about moving: what a store is filled with it shows by every door, and gives back as
 * the same rows; and what was written through the doors comes out as rows.
 */
import { describe, expect, test } from 'vitest';
import { type Row, Tally } from '../../src/store/rows.ts';
import { bytes, commitOf, type Ground, keyOf, letter, rich } from './store-ground.ts';

const message = (
  id: string,
  state: string,
  rest: Partial<{ at: number; ref: string; due: number; again: number }>,
): Row => ({
  table: 'outbox',
  cells: [
    ...([0, id, 'ada', 'ada', 1, Number(id), rest.due ?? 0, rest.again ?? 0, state, 2, 1] as const),
    ...([rest.at ?? null, rest.ref ?? null, bytes(4, Number(id)), state === 'sent' ? 'web' : ''] as const),
  ],
});

const rows: Row[] = [
  { table: 'notes', cells: ['mode', 'demo'] },
  { table: 'notes', cells: ['empty', ''] },
  { table: 'claims', cells: ['chat:1', 'ada'] },
  { table: 'leases', cells: ['delivery', 7] },
  { table: 'leases', cells: ['other', 3] },
  { table: 'events', cells: [0, 'event', 5] },
  { table: 'events', cells: [2, 'event', 6] },
  { table: 'failures', cells: [1, 'event', 3, 9] },
  { table: 'keys', cells: [0, 'ada', bytes(0, 255)] },
  { table: 'records', cells: [0, 'ada', 'person', 'ada', 12, bytes(58, 0, 10)] },
  { table: 'records', cells: [0, 'ada', 'diary', 'a:b c', 1, bytes()] },
  { table: 'timers', cells: [0, 'ada', 'plan: 1', 40] },
  { table: 'timers', cells: [3, "b'erit", 'plan', 50] },
  message('11', 'sent', { at: 20, ref: '' }),
  message('12', 'sent', { at: 21 }),
  message('13', 'sending', { again: 45 }),
  message('14', 'ready', { due: 30, again: 60 }),
  { table: 'facts', cells: [0, 'ada', 1, bytes(2)] },
  { table: 'facts', cells: [0, 'ada', 1, bytes(1)] },
  { table: 'numbers', cells: [99] },
];

const lines = (all: readonly Row[]) =>
  all
    .map(({ table, cells }) =>
      JSON.stringify([table, ...cells.map((cell) => (cell instanceof Uint8Array ? [...cell] : cell))]),
    )
    .sort();

export function rowsContract(ground: Ground): void {
  describe('rows', () => {
    const given = async () => {
      const all: Row[] = [];
      for await (const row of ground.store.rows()) all.push(row);
      return all;
    };

    test('that fill a store come out again, facts in their order, and every door shows them', async () => {
      await ground.open();
      const { store } = ground;
      await store.fill(rows.slice(0, 9));
      await store.fill(rows.slice(9));
      const all = await given();
      expect(lines(all)).toEqual(lines(rows));
      const facts = all.flatMap((row) => (row.table === 'facts' ? [[...row.cells[3]]] : []));
      expect(facts).toEqual([[2], [1]]);

      expect([await store.note('mode'), await store.note('empty')]).toEqual(['demo', '']);
      expect(await store.claim('chat:1', 'berit')).toBe('ada');
      const loaded = await store.load(0, 'event', [keyOf('ada')]);
      expect(loaded).toMatchObject({ seen: true, records: [{ version: 12 }] });
      expect([...(loaded.keys.get('ada') ?? [])]).toEqual([0, 255]);
      expect((await store.all(0, 'ada')).map(({ key }) => key.id).sort()).toEqual(['a:b c', 'ada']);
      expect((await store.load(1, 'event', [])).seen).toBe(false);
      expect(await store.failed(1, 'event', 99)).toBe(4);
      expect(await ground.due(50)).toEqual(['ada plan: 1', "b'erit plan"]);
      expect(await store.nextMoment(50)).toBe(60);
      // What is being sent waits for no moment.
      expect(await store.nextMoment(41)).toBe(50);
      expect(await store.sendable(45, [], 9)).toMatchObject([
        { id: '13', seq: 13, attempts: 2, doubts: 1, ambiguous: true },
      ]);
      const sent = await store.sent(0, 'ada', 11);
      expect(sent).toMatchObject([{ id: '12', seq: 12, at: 21, ref: null }]);
      expect((await store.sent(0, 'ada', 0))[0]?.ref).toBe('');
    });

    test('carry fences and numbers on: both rise from where they were', async () => {
      await ground.open();
      await ground.store.fill(rows);
      const fence = await ground.store.lease('delivery', 'elsewhere:1:a', 100, 5);
      expect(fence).toBe(8);
      const lease = { name: 'delivery', fence: 8 };
      expect(await ground.store.mark(0, '13', lease, { state: 'gone' })).toBe(true);
      await ground.store.prune(30);
      await ground.post(letter({ id: 'next', lane: 'next' }));
      const [next] = await ground.store.sendable(0, [], 9);
      expect(next?.seq).toBeGreaterThan(99);
    });

    test('tell everything that was written, and nothing of what was erased', async () => {
      await ground.open();
      await ground.store.commit(0, rich('ada', 'event'));
      await ground.store.commit(1, rich('berit'));
      const tally = async () => {
        const counted = new Tally();
        for (const row of await given()) counted.add(row);
        return counted;
      };
      const before = await tally();
      expect(Object.fromEntries(before.counts)).toEqual({
        ...{ events: 1, keys: 2, records: 4, timers: 2, outbox: 2, facts: 2, numbers: 1 },
      });
      await ground.store.commit(0, commitOf({ put: [{ key: keyOf('ada'), version: 2, body: bytes(1, 2) }] }));
      expect((await tally()).mark).not.toBe(before.mark);
      await ground.store.commit(0, commitOf({ erase: ['ada'] }));
      const left = await given();
      expect(lines(left).filter((line) => line.includes('ada'))).toEqual([]);
    });
  });
}
