/**
 * The store as the engine sees it: plain records in, plain records out, everything sealed in between. It holds the
 * master key, makes a data key for every new owner, and finds chat handles by keyed hash. Ids of records and events
 * may tell which meeting or which chat it is, so the store has those hashed too.
 * It must never hand a plain body to the store, nor keep a data key past the erasure of its owner.
 */
import { createHash } from 'node:crypto';
import type { Outgoing } from '../core/decision.ts';
import type { Chat, RecordKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import { type DataKey, type MasterKey, Unsealable } from './seal.ts';
import type { Commit, NewOutgoing, SentMessage, Store } from './store.ts';

/** What waits in the outbox. */
export type Parcel =
  | { kind: 'message'; chat: Chat; written: Millis; message: Outgoing }
  /** Take back from the chat what a bot may still remove. */
  | { kind: 'wipe'; chat: Chat; written: Millis; refs: string[] }
  /** Let go of a claim whose person is erased. */
  | { kind: 'release'; claim: string; value: string };

export type PlainCommit = Omit<Commit, 'keys' | 'put' | 'outbox' | 'facts'> & {
  put: { key: RecordKey; version: number; value: unknown }[];
  outbox: (Omit<NewOutgoing, 'body'> & { parcel: Parcel })[];
  facts: { owner: string; value: unknown }[];
};

export type PlainLoaded = {
  seen: boolean;
  /** One for each key asked for; version 0 and null where there is none. */
  records: { version: number; value: unknown }[];
};

const mostKeys = 10_000;
const mostHopeless = 1000;
/** The program's own key, and where it lies. */
export const programOwner = 'program';
export const hashKeyClaim = 'hash-key';

export class Vault {
  readonly store: Store;
  readonly #readMaster: () => MasterKey;
  #master: MasterKey;
  readonly #hashKey: DataKey;
  readonly #keys = new Map<string, { wrapped: Uint8Array; key: DataKey }>();
  /** What was hashed lately; the same few names come several times in every turn. */
  readonly #hashes = new Map<string, string>();
  /** Wrapped keys that no master key opens, so that a damaged one does not have the master key read for ever. */
  readonly #hopeless = new Set<string>();

  private constructor(store: Store, readMaster: () => MasterKey, master: MasterKey, hashKey: DataKey) {
    this.store = store;
    this.#readMaster = readMaster;
    this.#master = master;
    this.#hashKey = hashKey;
  }

  /**
   * Opens the store with this master key. A fresh store gets its hash key now; any other proves the master key by it.
   * @param readMaster gives the master key as it is now: it is asked again when a key was wrapped by another one
   * @throws Unsealable when the store was sealed with another master key; nothing is changed then
   */
  static async open(store: Store, readMaster: () => MasterKey): Promise<Vault> {
    const master = readMaster();
    // Claimed and not noted: of two processes that open a fresh store at once, both must hash alike.
    const { wrapped } = master.newKey(programOwner);
    const held = await store.claim(hashKeyClaim, Buffer.from(wrapped).toString('base64'));
    const hashKey = master.unwrap(Buffer.from(held, 'base64'), programOwner);
    return new Vault(store, readMaster, master, hashKey);
  }

  async load(partition: number, event: string | null, keys: readonly RecordKey[]): Promise<PlainLoaded> {
    const hidden = keys.map((key) => this.#hidden(key));
    const loaded = await this.store.load(partition, this.#mark(event), hidden);
    const opened = new Map<string, DataKey>();
    for (const { owner } of keys) {
      const wrapped = loaded.keys.get(owner);
      if (wrapped) opened.set(owner, this.#remember(partition, owner, wrapped));
      else this.#keys.delete(`${partition} ${owner}`);
    }
    return {
      seen: loaded.seen,
      records: loaded.records.map((record, i) => {
        const key = hidden[i];
        if (!record || !key) return { version: 0, value: null };
        const dataKey = opened.get(key.owner);
        if (!dataKey) throw new Unsealable(named(key));
        return { version: record.version, value: dataKey.open(record.body, named(key)) };
      }),
    };
  }

  async commit(partition: number, plain: PlainCommit): Promise<'done' | 'seen' | 'stale'> {
    const owners = [...plain.put.map(({ key }) => key.owner), ...plain.outbox.map(({ owner }) => owner)];
    const keys: Commit['keys'] = [];
    const dataKeys = new Map<string, DataKey>();
    for (const owner of new Set([...owners, ...plain.facts.map((fact) => fact.owner)])) {
      let dataKey = await this.#keyOf(partition, owner);
      if (!dataKey) {
        const fresh = this.#master.newKey(owner);
        keys.push({ owner, wrapped: fresh.wrapped });
        dataKey = fresh.key;
      }
      dataKeys.set(owner, dataKey);
    }
    const seal = (owner: string, value: unknown, about: string): Uint8Array =>
      (dataKeys.get(owner) as DataKey).seal(value, about);
    const result = await this.store.commit(partition, {
      ...plain,
      event: this.#mark(plain.event),
      keys,
      expected: plain.expected.map(({ key, version }) => ({ key: this.#hidden(key), version })),
      put: plain.put.map(({ key: record, version, value }) => {
        const key = this.#hidden(record);
        return { key, version, body: seal(key.owner, value, named(key)) };
      }),
      drop: plain.drop.map((key) => this.#hidden(key)),
      outbox: plain.outbox.map(({ parcel, channel, ...rest }) => ({
        ...rest,
        channel: this.channelMark(channel),
        body: seal(rest.owner, parcel, `outbox ${rest.owner} ${rest.id}`),
      })),
      facts: plain.facts.map(({ owner, value }) => ({ owner, body: seal(owner, value, `fact ${owner}`) })),
    });
    if (result === 'done') {
      for (const owner of plain.erase) this.#keys.delete(`${partition} ${owner}`);
      for (const { owner, wrapped } of keys) this.#remember(partition, owner, wrapped);
    }
    return result;
  }

  /** How often this event has failed, this time included. */
  failed(partition: number, event: string, now: Millis): Promise<number> {
    return this.store.failed(partition, this.#hash('event', event), now);
  }

  /** Everything kept under one owner, plain. The ids in the keys stay hidden. */
  async all(partition: number, owner: string): Promise<{ key: RecordKey; value: unknown }[]> {
    const found = await this.store.all(partition, owner);
    const opened = await this.#openBy(partition, owner, (dataKey) =>
      found.map(({ key, record }) => ({ key, value: dataKey.open(record.body, named(key)) })),
    );
    return opened ?? [];
  }

  /** The parcel of an outbox entry; null when its owner was erased meanwhile. */
  async parcel(
    partition: number,
    entry: { owner: string; id: string; body: Uint8Array },
  ): Promise<Parcel | null> {
    const { owner, id, body } = entry;
    return this.#openBy(partition, owner, (dataKey) => dataKey.open(body, `outbox ${owner} ${id}`) as Parcel);
  }

  async sent(partition: number, owner: string, after: number): Promise<(SentMessage & { parcel: Parcel })[]> {
    const found = await this.store.sent(partition, owner, after);
    const opened = await Promise.all(
      found.map(async (one) => ({ ...one, parcel: await this.parcel(partition, { ...one, owner }) })),
    );
    return opened.flatMap((one) => (one.parcel ? [{ ...one, parcel: one.parcel }] : []));
  }

  /** The name under which the store knows a channel, of small letters as it asks for; none for none. */
  channelMark(channel: string): string {
    return channel && this.#hash('channel', channel).replace(/[^a-z]/g, '');
  }

  /** The name under which a chat handle is claimed. */
  chatClaim(chat: Chat): string {
    return `chat:${this.#hash(chat.channel, chat.address)}`;
  }

  /** The name under which an invitation is found; tokens have 128 random bits or more, so a plain hash is enough. */
  static invitationClaim(token: string): string {
    return `invitation:${createHash('sha256').update(token).digest('base64url')}`;
  }

  /** Opens something with an owner's key; null when there is no such key (any more). */
  async #openBy<T>(partition: number, owner: string, open: (key: DataKey) => T): Promise<T | null> {
    const known = this.#keys.get(`${partition} ${owner}`);
    try {
      if (known) return open(known.key);
    } catch (error) {
      // Somebody may have given the owner a newer key since.
      if (!(error instanceof Unsealable)) throw error;
    }
    const key = await this.#readKey(partition, owner);
    return key && open(key);
  }

  /** The data key of an owner; null when there is none, or none any more. */
  async #keyOf(partition: number, owner: string): Promise<DataKey | null> {
    return this.#keys.get(`${partition} ${owner}`)?.key ?? this.#readKey(partition, owner);
  }

  async #readKey(partition: number, owner: string): Promise<DataKey | null> {
    const wrapped = await this.store.wrappedKey(partition, owner);
    return wrapped && this.#remember(partition, owner, wrapped);
  }

  #remember(partition: number, owner: string, wrapped: Uint8Array): DataKey {
    const name = `${partition} ${owner}`;
    const known = this.#keys.get(name);
    if (known && Buffer.from(known.wrapped).equals(wrapped)) return known.key;
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    const key = this.#unwrap(wrapped, owner);
    // A copy: what a store hands out may be a window on something far larger, which would stay with it.
    this.#keys.set(name, { wrapped: Uint8Array.from(wrapped), key });
    return key;
  }

  #unwrap(wrapped: Uint8Array, owner: string): DataKey {
    try {
      return this.#master.unwrap(wrapped, owner);
    } catch (error) {
      const blob = Buffer.from(wrapped).toString('base64');
      if (!(error instanceof Unsealable) || this.#hopeless.has(blob)) throw error;
      if (this.#hopeless.size < mostHopeless) this.#hopeless.add(blob);
      this.#master = this.#readMaster();
      const key = this.#master.unwrap(wrapped, owner);
      this.#hopeless.delete(blob);
      return key;
    }
  }

  /** The key as the store sees it: a record that is named after a meeting or a plan must not show it. */
  #hidden(key: RecordKey): RecordKey {
    const { owner, kind, id } = key;
    return id === owner ? key : { owner, kind, id: this.#hash('record', owner, kind, id) };
  }

  #mark(event: string | null): string | null {
    return event === null ? null : this.#hash('event', event);
  }

  #hash(...parts: string[]): string {
    const text = parts.join(' ');
    const known = this.#hashes.get(text);
    if (known !== undefined) return known;
    if (this.#hashes.size >= mostKeys) this.#hashes.clear();
    const hash = this.#hashKey.hash(text);
    this.#hashes.set(text, hash);
    return hash;
  }
}

/** What the body of a record is sealed as. */
export const named = ({ owner, kind, id }: RecordKey): string => `record ${owner} ${kind} ${id}`;
