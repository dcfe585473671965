/**
 * What the program asks of a store: load, commit, what is due, what is to be sent, and a few one-key operations.
 * A commit writes one partition, all or nothing, and checks everything before it writes, so that it fits one
 * transaction here and one script on one hash slot elsewhere. A store sees random ids and sealed bytes, never words.
 */
import type { RecordKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Row } from './rows.ts';

export type StoredRecord = { version: number; body: Uint8Array };

export type Loaded = {
  /** This event was committed before. */
  seen: boolean;
  /** One for each key asked for, in that order; null where there is none. */
  records: (StoredRecord | null)[];
  /** The wrapped data key of each owner among the keys. */
  keys: Map<string, Uint8Array>;
};

/**
 * `owner` is whose key seals it; within one `lane` (a person, as a rule) of a partition messages keep their order.
 * `channel` stands for the platform it goes by, in small letters; empty where it goes by none.
 */
export type NewOutgoing = {
  id: string;
  owner: string;
  lane: string;
  channel: string;
  priority: number;
  due: Millis;
  body: Uint8Array;
};

export type Commit = {
  /** The event whose mark is written; null for a commit that no event brought. */
  event: string | null;
  at: Millis;
  /** The versions that were read; 0 for what was not there. */
  expected: { key: RecordKey; version: number }[];
  /** New data keys, wrapped. An owner that has one keeps it, and the commit is stale. */
  keys: { owner: string; wrapped: Uint8Array }[];
  put: { key: RecordKey; version: number; body: Uint8Array }[];
  drop: RecordKey[];
  /** Owners of whom everything goes: records, timers, outbox, facts, key. Done before the rest of the commit. */
  erase: string[];
  timers: {
    set: { owner: string; matter: string; due: Millis }[];
    clear: { owner: string; matter: string }[];
  };
  outbox: NewOutgoing[];
  facts: { owner: string; body: Uint8Array }[];
};

const none: never[] = [];

/** A commit that changes nothing yet, plain or sealed. */
export const emptyCommit = (at: Millis) => ({
  event: null,
  at,
  expected: none,
  keys: none,
  put: none,
  drop: none,
  erase: none,
  timers: { set: none, clear: none },
  outbox: none,
  facts: none,
});

export type StoredTimer = { partition: number; owner: string; matter: string; due: Millis };

export type StoredOutgoing = {
  partition: number;
  id: string;
  owner: string;
  lane: string;
  channel: string;
  priority: number;
  /** Rises with every message of the store. */
  seq: number;
  body: Uint8Array;
  /** How often its sending began, and how often a lost answer left it uncertain. */
  attempts: number;
  doubts: number;
  /** Found marked as being sent by a process that is gone: it may or may not have arrived. */
  ambiguous: boolean;
};

/** Where delivery looks: past channels that take nothing now, and into these partitions at least. */
export type Look = { closed?: readonly string[]; partitions?: readonly number[] };

export type SentMessage = { seq: number; id: string; at: Millis; ref: string | null; body: Uint8Array };

/** The right to deliver. `fence` rises with every new holder, so that one who was paused can mark nothing any more. */
export type Lease = { name: string; fence: number };

/** What became of a message that was to be sent. */
export type Mark =
  | { state: 'sending' }
  /** Surely not sent, or sent perhaps: try again at `again`, before anything else in that lane. `doubt`: nobody knows. */
  | { state: 'retry'; again: Millis; doubt: boolean }
  /** Not yet to be sent; others may go first. */
  | { state: 'held'; due: Millis }
  /** Sent; `ref` is the platform's name for it. Kept for two days, since a bot may still remove it that long. */
  | { state: 'sent'; at: Millis; ref: string | null }
  /** Given up; nothing of it is kept. */
  | { state: 'gone' };

/** Marks of handled events and of what was sent are kept this long: platforms deliver again for up to a day. */
export const kept: Millis = 48 * 3_600_000;

export type Store = {
  load(partition: number, event: string | null, keys: readonly RecordKey[]): Promise<Loaded>;
  /** 'seen': the event was committed before, nothing is written. 'stale': something read has changed since. */
  commit(partition: number, commit: Commit): Promise<'done' | 'seen' | 'stale'>;
  /** Every record of one owner, with its key. */
  all(partition: number, owner: string): Promise<{ key: RecordKey; record: StoredRecord }[]>;
  wrappedKey(partition: number, owner: string): Promise<Uint8Array | null>;
  /** Puts another wrapping in the place of this one; false when it is not there (any more). */
  rewrap(partition: number, owner: string, before: Uint8Array, after: Uint8Array): Promise<boolean>;

  /** Due timers of all partitions, the longest due first. */
  timersDue(now: Millis, limit: number): Promise<StoredTimer[]>;
  /** When the next timer is due, or a held message may go, after `now`. */
  nextMoment(now: Millis): Promise<Millis | null>;

  /** The first sendable message of each lane, the most urgent first. Lanes in `busy` are left out. */
  sendable(now: Millis, busy: readonly string[], limit: number, look?: Look): Promise<StoredOutgoing[]>;
  /** False when the message is gone, or the lease has another fence by now. */
  mark(partition: number, id: string, lease: Lease, mark: Mark): Promise<boolean>;
  /** What was sent to one person, oldest first, after `seq`. */
  sent(partition: number, owner: string, after: number): Promise<SentMessage[]>;

  /** Owners to whom something was sent between these moments, nothing later, and for whom nothing waits. */
  spokenTo(from: Millis, to: Millis): Promise<{ partition: number; owner: string }[]>;

  /** How often this event has failed before, this time included. */
  failed(partition: number, event: string, now: Millis): Promise<number>;

  /** Takes a unique thing: the value that holds it now, which is `value` when it was free or stood at `instead`. */
  claim(key: string, value: string, instead?: string): Promise<string>;
  claimed(key: string): Promise<string | null>;
  /** Lets go of it if it still stands at `value`. */
  release(key: string, value: string): Promise<void>;

  /** A fence (rising number) while the lease is held, null while somebody else holds it. Uses real time. */
  lease(name: string, holder: string, lasts: Millis, realNow: Millis): Promise<number | null>;
  letGo(name: string, holder: string): Promise<void>;

  note(key: string): Promise<string | null>;
  setNote(key: string, value: string): Promise<void>;

  /** Drops marks, failures and sent messages older than `before`. */
  prune(before: Millis): Promise<void>;

  /** Everything there is, for moving it to another store; facts of one owner in their order. Nothing may write meanwhile. */
  rows(): AsyncIterable<Row>;
  /** While the work goes on, rows tell of one moment, although others go on writing or wait for it. */
  still<T>(work: () => Promise<T>): Promise<T>;
  /** Writes rows of another store into this one, which has none of them. */
  fill(rows: readonly Row[]): Promise<void>;
  close(): Promise<void>;
};

/** The store can not be reached or refuses to write; whoever asked should come back later. */
export class StoreDown extends Error {
  constructor(cause: unknown) {
    super('the store can not be reached', { cause });
    this.name = 'StoreDown';
  }
}
