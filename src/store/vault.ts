/**
 * The store as the engine sees it: plain records in, plain records out, everything sealed in between. It holds the
 * master key, makes a data key for every new owner, and finds chat handles by keyed hash.
 * It must never hand a plain body to the store, nor keep a data key past the erasure of its owner.
 */
import { createHash } from 'node:crypto';
import type { Outgoing } from '../core/decision.ts';
import type { Chat, RecordKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import { type DataKey, MasterKey, Unsealable } from './seal.ts';
import type { Commit, NewOutgoing, SentMessage, Store } from './store.ts';

/** What waits in the outbox. */
export type Parcel =
  | { kind: 'message'; chat: Chat; written: Millis; message: Outgoing }
  /** Take back from the chat what a bot may still remove. */
  | { kind: 'wipe'; chat: Chat; refs: string[] }
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
const programOwner = 'program';

export class Vault {
  readonly store: Store;
  readonly #master: MasterKey;
  readonly #hashKey: DataKey;
  readonly #keys = new Map<string, DataKey>();

  private constructor(store: Store, master: MasterKey, hashKey: DataKey) {
    this.store = store;
    this.#master = master;
    this.#hashKey = hashKey;
  }

  /**
   * Opens the store with this master key. A fresh store gets its hash key now; any other proves the master key by it.
   * @throws Unsealable when the store was sealed with another master key; nothing is changed then
   */
  static async open(store: Store, master: Uint8Array): Promise<Vault> {
    const masterKey = new MasterKey(master);
    const noted = await store.note('hash-key');
    if (noted)
      return new Vault(store, masterKey, masterKey.unwrap(Buffer.from(noted, 'base64'), programOwner));
    const fresh = masterKey.newKey(programOwner);
    await store.setNote('hash-key', Buffer.from(fresh.wrapped).toString('base64'));
    return new Vault(store, masterKey, fresh.key);
  }

  async load(partition: number, event: string | null, keys: readonly RecordKey[]): Promise<PlainLoaded> {
    const loaded = await this.store.load(partition, event, keys);
    for (const [owner, wrapped] of loaded.keys) this.#remember(partition, owner, wrapped);
    return {
      seen: loaded.seen,
      records: loaded.records.map((record, i) => {
        const key = keys[i];
        if (!record || !key) return { version: 0, value: null };
        return {
          version: record.version,
          value: this.#key(partition, key.owner).open(record.body, named(key)),
        };
      }),
    };
  }

  async commit(partition: number, plain: PlainCommit): Promise<'done' | 'seen' | 'stale'> {
    const owners = [...plain.put.map(({ key }) => key.owner), ...plain.outbox.map(({ owner }) => owner)];
    const keys: Commit['keys'] = [];
    const fresh = new Map<string, DataKey>();
    for (const owner of new Set([...owners, ...plain.facts.map((fact) => fact.owner)])) {
      if (await this.#known(partition, owner)) continue;
      const { key, wrapped } = this.#master.newKey(owner);
      keys.push({ owner, wrapped });
      fresh.set(owner, key);
    }
    const key = (owner: string) => fresh.get(owner) ?? this.#key(partition, owner);
    const result = await this.store.commit(partition, {
      ...plain,
      keys,
      put: plain.put.map(({ key: record, version, value }) => ({
        key: record,
        version,
        body: key(record.owner).seal(value, named(record)),
      })),
      outbox: plain.outbox.map(({ parcel, ...rest }) => ({
        ...rest,
        body: key(rest.owner).seal(parcel, `outbox ${rest.owner} ${rest.id}`),
      })),
      facts: plain.facts.map(({ owner, value }) => ({
        owner,
        body: key(owner).seal(value, `fact ${owner}`),
      })),
    });
    if (result === 'done') {
      for (const owner of plain.erase) this.#keys.delete(`${partition} ${owner}`);
      for (const [owner, dataKey] of fresh) this.#keys.set(`${partition} ${owner}`, dataKey);
    }
    return result;
  }

  /** Everything kept under one owner, plain. */
  async all(partition: number, owner: string): Promise<{ key: RecordKey; value: unknown }[]> {
    if (!(await this.#known(partition, owner))) return [];
    const found = await this.store.all(partition, owner);
    return found.map(({ key, record }) => ({
      key,
      value: this.#key(partition, owner).open(record.body, named(key)),
    }));
  }

  /** The parcel of an outbox entry; null when its owner was erased meanwhile. */
  async parcel(
    partition: number,
    entry: { owner: string; id: string; body: Uint8Array },
  ): Promise<Parcel | null> {
    if (!(await this.#known(partition, entry.owner))) return null;
    const about = `outbox ${entry.owner} ${entry.id}`;
    return this.#key(partition, entry.owner).open(entry.body, about) as Parcel;
  }

  async sent(partition: number, owner: string, after: number): Promise<(SentMessage & { parcel: Parcel })[]> {
    const found = await this.store.sent(partition, owner, after);
    const opened = await Promise.all(
      found.map(async (one) => ({ ...one, parcel: await this.parcel(partition, { ...one, owner }) })),
    );
    return opened.flatMap((one) => (one.parcel ? [{ ...one, parcel: one.parcel }] : []));
  }

  /** The name under which a chat handle is claimed. */
  chatClaim(chat: Chat): string {
    return `chat:${this.#hashKey.hash(`${chat.channel} ${chat.address}`)}`;
  }

  /** The name under which an invitation is found; tokens have 128 random bits or more, so a plain hash is enough. */
  static invitationClaim(token: string): string {
    return `invitation:${createHash('sha256').update(token).digest('base64url')}`;
  }

  async #known(partition: number, owner: string): Promise<boolean> {
    if (this.#keys.has(`${partition} ${owner}`)) return true;
    const wrapped = await this.store.wrappedKey(partition, owner);
    if (wrapped) this.#remember(partition, owner, wrapped);
    return wrapped !== null;
  }

  #remember(partition: number, owner: string, wrapped: Uint8Array): void {
    const name = `${partition} ${owner}`;
    if (this.#keys.has(name)) return;
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    this.#keys.set(name, this.#master.unwrap(wrapped, owner));
  }

  #key(partition: number, owner: string): DataKey {
    const key = this.#keys.get(`${partition} ${owner}`);
    if (!key) throw new Unsealable(`a record of ${owner}`);
    return key;
  }
}

const named = ({ owner, kind, id }: RecordKey): string => `record ${owner} ${kind} ${id}`;
