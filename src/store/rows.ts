/**
 * Everything a store holds, as rows that any adapter can give and take, for moving from one to another; and a tally by
 * which two stores are compared. A row shows how things are kept, so nothing but a move may use it.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../core/time.ts';

/** The cells of each sort of row. Of a lease only the fence lives on, and `numbers` has the last one given. */
export type Cells = {
  notes: [key: string, value: string];
  claims: [key: string, value: string];
  leases: [name: string, fence: number];
  events: [part: number, id: string, at: Millis];
  failures: [part: number, id: string, count: number, at: Millis];
  keys: [part: number, owner: string, wrapped: Uint8Array];
  records: [part: number, owner: string, kind: string, id: string, version: number, body: Uint8Array];
  timers: [part: number, owner: string, matter: string, due: Millis];
  outbox: [
    ...[part: number, id: string, owner: string, lane: string, priority: number, seq: number, due: Millis],
    ...[
      again: Millis,
      state: string,
      attempts: number,
      doubts: number,
      at: Millis | null,
      ref: string | null,
    ],
    body: Uint8Array,
    channel: string,
  ];
  facts: [part: number, owner: string, at: Millis, body: Uint8Array];
  numbers: [last: number];
};

export type Table = keyof Cells;
export type Row = { [T in Table]: { table: T; cells: Cells[T] } }[Table];

/** Counts rows, and mixes what they hold into one number that does not depend on their order. */
export class Tally {
  readonly counts = new Map<Table, number>();
  #sum = 0n;

  add({ table, cells }: Row): void {
    this.counts.set(table, (this.counts.get(table) ?? 0) + 1);
    const plain = cells.map((cell) =>
      cell instanceof Uint8Array ? { bytes: Buffer.from(cell).toString('base64') } : cell,
    );
    const digest = createHash('sha256')
      .update(JSON.stringify([table, plain]))
      .digest('hex');
    this.#sum = (this.#sum + BigInt(`0x${digest}`)) % 2n ** 256n;
  }

  /** Two stores that hold the same have the same. */
  get mark(): string {
    return this.#sum.toString(16).padStart(64, '0');
  }
}
