/**
 * The store on Redis, for as many processes as are wanted: one server, a primary behind Sentinels, or a Cluster. A commit
 * is one script on one hash slot; what the answer to it was, when that got lost, is found out by looking. It must never
 * interpret a body, and never send a write again whose first outcome is not known.
 */
import { randomBytes } from 'node:crypto';
import { ErrorReply } from 'redis';
import type { RecordKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import { storeName } from './lost-tail.ts';
import {
  claimKey,
  commitArguments,
  counterKey,
  fieldOf,
  flag,
  leaseKey,
  markArguments,
  noteKey,
  outgoingOf,
  ownerKey,
  partKey,
  recordOf,
  recordsOf,
  scored,
  sentOf,
  textOf,
} from './redis-coding.ts';
import { type RedisLink, type Reply, Unconfirmed } from './redis-link.ts';
import * as outbox from './redis-outbox-scripts.ts';
import { fillInto, rowsOf } from './redis-rows.ts';
import * as scripts from './redis-scripts.ts';
import type { Row } from './rows.ts';
import {
  type Commit,
  type Lease,
  type Loaded,
  type Look,
  type Mark,
  type SentMessage,
  type Store,
  StoreDown,
  type StoredOutgoing,
  type StoredRecord,
  type StoredTimer,
} from './store.ts';

/** How long a pause of all writing lasts unless it is renewed. */
const pausedFor: Millis = 6_000;
const outcomes = ['done', 'seen', 'stale'] as const;

export class RedisStore implements Store {
  readonly #link: RedisLink;
  readonly #partitions: readonly number[];
  /** The fences that this process has written into every partition, and when. */
  readonly #raised = new Map<string, { fence: number; at: Millis }>();

  #last: () => Promise<void> = async () => {};

  /** `partitions`: how many there are, for ever. */
  constructor(link: RedisLink, partitions: number) {
    this.#link = link;
    this.#partitions = Array.from({ length: partitions }, (_, n) => n);
  }

  async load(partition: number, event: string | null, keys: readonly RecordKey[]): Promise<Loaded> {
    const owners = new Map<string, string[]>();
    for (const key of keys) owners.set(key.owner, [...(owners.get(key.owner) ?? []), fieldOf(key)]);
    const args = [flag(event), event ?? '', String(owners.size)];
    for (const [owner, fields] of owners) args.push(owner, String(fields.length), ...fields);
    const [seen, ...found] = (await this.#link.run(scripts.load, counterKey(partition), ...args)) as [
      number,
      ...(Buffer | null)[][],
    ];
    if (seen === 1) await this.#link.settled(counterKey(partition));
    const records = new Map<string, StoredRecord | null>();
    const wrapped = new Map<string, Uint8Array>();
    for (const [i, [owner, fields]] of [...owners].entries()) {
      const [key, ...values] = found[i] ?? [];
      if (key) wrapped.set(owner, key);
      for (const [n, field] of fields.entries()) records.set(`${owner} ${field}`, recordOf(values[n]));
    }
    return {
      seen: seen === 1,
      records: keys.map((key) => records.get(`${key.owner} ${fieldOf(key)}`) ?? null),
      keys: wrapped,
    };
  }

  async commit(partition: number, commit: Commit): Promise<'done' | 'seen' | 'stale'> {
    const nonce = randomBytes(9).toString('base64url');
    const args = commitArguments(nonce, commit);
    let reply: Reply;
    try {
      reply = await this.#link.runSafely(scripts.commit, counterKey(partition), ...args);
    } catch (error) {
      if (!(error instanceof StoreDown) || error.cause instanceof Unconfirmed) throw error;
      const outcome = await this.#outcome(partition, nonce, commit.event);
      if (outcome === null) throw error;
      return outcome;
    }
    const said = String((reply as Reply[])[0]);
    const outcome = outcomes.find((one) => one === said);
    if (!outcome) throw new Error('a message of this id is in the outbox already');
    return outcome;
  }

  /** What became of a commit whose answer was lost; null when it is not there, which may still change. */
  async #outcome(partition: number, nonce: string, event: string | null): Promise<'done' | 'seen' | null> {
    const [recent, events] = [partKey(partition, 'recent'), partKey(partition, 'events')];
    const [done, seen] = await Promise.all([
      this.#link.command(recent, 'ZSCORE', recent, nonce),
      event === null ? null : this.#link.command(events, 'ZSCORE', events, event),
    ]);
    if (done === null && seen === null) return null;
    await this.#link.settled(recent);
    return done === null ? 'seen' : 'done';
  }

  async all(partition: number, owner: string): Promise<{ key: RecordKey; record: StoredRecord }[]> {
    const name = ownerKey(partition, owner);
    return recordsOf(owner, await this.#link.command(name, 'HGETALL', name));
  }

  async wrappedKey(partition: number, owner: string): Promise<Uint8Array | null> {
    const name = ownerKey(partition, owner);
    return (await this.#link.command(name, 'HGET', name, 'key')) as Buffer | null;
  }

  async rewrap(partition: number, owner: string, before: Uint8Array, after: Uint8Array): Promise<boolean> {
    const args = [Buffer.from(before), Buffer.from(after)];
    return (await this.#link.run(scripts.rewrap, ownerKey(partition, owner), ...args)) === 1;
  }

  async timersDue(now: Millis, limit: number): Promise<StoredTimer[]> {
    const found = await this.#everyPartition(async (partition) => {
      const name = partKey(partition, 'timers');
      const range = ['ZRANGEBYSCORE', name, '-inf', String(now), 'WITHSCORES', 'LIMIT', '0', String(limit)];
      return scored(await this.#link.command(name, ...range)).map(([member, due]) => {
        const [owner, matter] = JSON.parse(member);
        return { partition, owner, matter, due };
      });
    });
    return found.sort((a, b) => a.due - b.due).slice(0, limit);
  }

  async nextMoment(now: Millis): Promise<Millis | null> {
    const found = await this.#everyPartition(async (partition) => {
      const names = [partKey(partition, 'timers'), partKey(partition, 'moments')];
      const first = ['WITHSCORES', 'LIMIT', '0', '1'];
      const looks = names.map((name) =>
        this.#link.command(name, 'ZRANGEBYSCORE', name, `(${now}`, '+inf', ...first),
      );
      return (await Promise.all(looks)).flatMap(scored).map(([, at]) => at);
    });
    return found.length > 0 ? Math.min(...found) : null;
  }

  async sendable(
    now: Millis,
    busy: readonly string[],
    limit: number,
    { closed = [], partitions = this.#partitions }: Look = {},
  ): Promise<StoredOutgoing[]> {
    const lists = [busy, closed].flatMap((list) => [String(list.length), ...list]);
    const args = [String(now), String(limit), ...lists];
    const found = await inEach(partitions, async (partition) => {
      for (;;) {
        const reply = await this.#link.run(outbox.sendable, counterKey(partition), ...args);
        const [more, messages] = reply as [number, Buffer[][]];
        if (more === 0) return messages.map((message) => outgoingOf(partition, message));
      }
    });
    return found.sort((a, b) => a.priority - b.priority || a.seq - b.seq).slice(0, limit);
  }

  async mark(partition: number, id: string, lease: Lease, mark: Mark): Promise<boolean> {
    const args = [lease.name, String(lease.fence), id, mark.state, ...markArguments(mark)];
    return (await this.#link.run(outbox.mark, counterKey(partition), ...args)) === 1;
  }

  async sent(partition: number, owner: string, after: number): Promise<SentMessage[]> {
    const reply = await this.#link.run(outbox.sent, counterKey(partition), owner, String(after));
    return (reply as Buffer[][]).map(sentOf);
  }

  async spokenTo(from: Millis, to: Millis): Promise<{ partition: number; owner: string }[]> {
    return this.#everyPartition(async (partition) => {
      const reply = await this.#link.run(outbox.spokenTo, counterKey(partition), String(from), String(to));
      return (reply as Buffer[]).map((owner) => ({ partition, owner: String(owner) }));
    });
  }

  async failed(partition: number, event: string, now: Millis): Promise<number> {
    return Number(await this.#link.run(scripts.failed, counterKey(partition), event, String(now)));
  }

  async claim(key: string, value: string, instead?: string): Promise<string> {
    const args = [value, flag(instead ?? null), instead ?? ''];
    return String(await this.#link.runSafely(scripts.claim, claimKey(key), ...args));
  }

  async claimed(key: string): Promise<string | null> {
    return textOf(await this.#link.command(claimKey(key), 'GET', claimKey(key)));
  }

  async release(key: string, value: string): Promise<void> {
    await this.#link.run(scripts.release, claimKey(key), value);
  }

  /**
   * The lease is one key, and marks are made on other slots: so a new fence is written into every partition before its
   * holder may begin, and a mark asks its own partition. Nobody is taken for dead before their time: a name and a number
   * say nothing of another machine.
   */
  async lease(name: string, holder: string, lasts: Millis, realNow: Millis): Promise<number | null> {
    const args = [holder, String(lasts), String(realNow)];
    const fence = Number(await this.#link.run(scripts.lease, leaseKey(name), ...args));
    if (fence === 0) return null;
    const raised = this.#raised.get(name);
    // Again now and then: a failover may have lost it, and then nobody could mark anything.
    if (raised?.fence !== fence || Math.abs(realNow - raised.at) >= lasts) {
      await this.#everyPartition(async (partition) => {
        await this.#link.run(scripts.raise, counterKey(partition), name, String(fence));
        return [];
      });
      this.#raised.set(name, { fence, at: realNow });
    }
    return fence;
  }

  async letGo(name: string, holder: string): Promise<void> {
    await this.#link.run(scripts.letGo, leaseKey(name), holder);
  }

  async note(key: string): Promise<string | null> {
    return textOf(await this.#link.command(noteKey(key), 'GET', noteKey(key)));
  }

  async setNote(key: string, value: string): Promise<void> {
    await this.#link.command(noteKey(key), 'SET', noteKey(key), value);
  }

  /** Also has the log of past writes written anew where something was erased: it held the erased key until now. */
  async prune(before: Millis): Promise<void> {
    const erased = await this.#everyPartition(async (partition) => {
      for (;;) {
        if ((await this.#link.run(scripts.prune, counterKey(partition), String(before))) === 0) break;
      }
      const name = partKey(partition, 'erased');
      return Number(await this.#link.command(name, 'DEL', name)) > 0 ? [name] : [];
    });
    if (erased.length === 0) return;
    try {
      await this.#link.everywhere('BGREWRITEAOF');
    } catch (error) {
      // Most likely one is under way, which may have begun too early: the next pruning sees to it.
      await Promise.all(erased.map((name) => this.#link.command(name, 'SET', name, '1')));
      if (!(error instanceof ErrorReply && error.message.includes('in progress'))) throw error;
    }
  }

  rows(): AsyncIterable<Row> {
    return rowsOf(this.#link, storeName);
  }

  async still<T>(work: () => Promise<T>): Promise<T> {
    const pause = () => this.#link.everywhere('CLIENT', 'PAUSE', String(pausedFor), 'WRITE');
    await pause();
    // Should this process die, the others go on after a while by themselves.
    const again = setInterval(() => void pause().catch(() => {}), pausedFor / 3);
    try {
      return await work();
    } finally {
      clearInterval(again);
      await this.#link.everywhere('CLIENT', 'UNPAUSE');
    }
  }

  fill(rows: readonly Row[]): Promise<void> {
    return fillInto(this.#link, this.#partitions, rows);
  }

  /** How many commits each partition has seen. */
  async commits(): Promise<number[]> {
    return this.#everyPartition(async (partition) => {
      const name = counterKey(partition);
      return [Number((await this.#link.command(name, 'GET', name)) ?? 0)];
    });
  }

  /** Has something done before the connection goes. */
  beforeClose(work: () => Promise<void>): void {
    this.#last = work;
  }

  async close(): Promise<void> {
    await this.#last();
    await this.#link.close();
  }

  #everyPartition<T>(work: (partition: number) => Promise<T[]>): Promise<T[]> {
    return inEach(this.#partitions, work);
  }
}

/** Asks these partitions at once; their answers one after the other. */
async function inEach<T>(
  partitions: readonly number[],
  work: (partition: number) => Promise<T[]>,
): Promise<T[]> {
  return (await Promise.all(partitions.map(work))).flat();
}
