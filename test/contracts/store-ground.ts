/**
 * What the parts of the store's contract stand on: the store under test, opened afresh for each test, and short words
 * for what they all write and look at.
 */
import type { RecordKey } from '../../src/core/records.ts';
import type { Commit, Lease, Mark, NewOutgoing, Store } from '../../src/store/store.ts';

/** `reopen` closes the store and opens it again, where that leaves anything to find. */
export type Opened = { store: Store; reopen?: () => Promise<Store> };

/** A commit of nothing but what is given. */
export const commitOf = (given: Partial<Commit>): Commit => ({
  event: null,
  at: 0,
  expected: [],
  keys: [],
  put: [],
  drop: [],
  erase: [],
  timers: { set: [], clear: [] },
  outbox: [],
  facts: [],
  ...given,
});

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const keyOf = (owner: string, id = owner): RecordKey => ({ owner, kind: 'person', id });
/** Bodies come back as whatever kind of byte array an adapter has. */
export const plain = (body: Uint8Array | null | undefined): number[] | null => (body ? [...body] : null);

export const letter = (given: Partial<NewOutgoing> & { id: string }): NewOutgoing => ({
  owner: 'ada',
  lane: given.owner ?? 'ada',
  channel: 'telegram',
  priority: 1,
  due: 0,
  body: bytes(1),
  ...given,
});

/** Something of every sort that a commit can write, for one owner. */
export const rich = (owner: string, event: string | null = null): Commit =>
  commitOf({
    event,
    at: 5,
    keys: [{ owner, wrapped: bytes(9, 9) }],
    put: [
      { key: keyOf(owner), version: 1, body: bytes(1, 2) },
      { key: keyOf(owner, 'second'), version: 1, body: bytes() },
    ],
    timers: { set: [{ owner, matter: 'plan', due: 50 }], clear: [] },
    outbox: [letter({ id: `${owner}-letter`, owner })],
    facts: [{ owner, body: bytes(7) }],
  });

/** What `shows` tells of an owner with `rich` written for them, and of one of whom there is nothing. */
export const whole = { records: [[1, 2], []], key: [9, 9], all: 2, timers: 1, letters: 1 };
export const none = { records: [null, null], key: null, all: 0, timers: 0, letters: 0 };

export class Ground {
  readonly #open: () => Promise<Opened>;
  #opened: Opened | null = null;
  /** The right to deliver, held from the start. */
  lease: Lease = { name: '', fence: 0 };

  constructor(open: () => Promise<Opened>) {
    this.#open = open;
  }

  get store(): Store {
    if (!this.#opened) throw new Error('no store is open');
    return this.#opened.store;
  }

  /** Opens an empty store. */
  async open(): Promise<void> {
    this.#opened = await this.#open();
  }

  async begin(): Promise<void> {
    await this.open();
    const fence = await this.store.lease('delivery', 'elsewhere:1:a', 1000, 0);
    this.lease = { name: 'delivery', fence: fence ?? -1 };
  }

  async reopen(): Promise<void> {
    const { reopen } = this.#opened ?? {};
    if (reopen) this.#opened = { store: await reopen(), reopen };
  }

  post(...outbox: NewOutgoing[]): Promise<string> {
    return this.store.commit(0, commitOf({ outbox }));
  }

  mark(id: string, mark: Mark, lease = this.lease): Promise<boolean> {
    return this.store.mark(0, id, lease, mark);
  }

  /** The bodies of these records, as numbers; null where there is none. */
  async bodies(partition: number, keys: RecordKey[]): Promise<(number[] | null)[]> {
    return (await this.store.load(partition, null, keys)).records.map((record) => plain(record?.body));
  }

  /** The ids of what can be sent. */
  async waiting(now = 0, busy: string[] = [], limit = 100): Promise<string[]> {
    return (await this.store.sendable(now, busy, limit)).map(({ id }) => id);
  }

  async due(now: number): Promise<string[]> {
    return (await this.store.timersDue(now, 100)).map(({ owner, matter }) => `${owner} ${matter}`);
  }

  /** Everything that can be seen of one owner. */
  async shows(partition: number, owner: string): Promise<object> {
    const theirs = (one: { partition: number; owner: string }) =>
      one.partition === partition && one.owner === owner;
    return {
      records: await this.bodies(partition, [keyOf(owner), keyOf(owner, 'second')]),
      key: plain(await this.store.wrappedKey(partition, owner)),
      all: (await this.store.all(partition, owner)).length,
      timers: (await this.store.timersDue(99, 99)).filter(theirs).length,
      letters: (await this.store.sendable(99, [], 99)).filter(theirs).length,
    };
  }
}
