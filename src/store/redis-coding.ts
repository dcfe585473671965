/**
 * How the Redis store names its keys, and how what it keeps is written as arguments of scripts and read from their replies.
 * Bodies pass through it untouched.
 */
import type { RecordKey, RecordKind } from '../core/records.ts';
import type { Argument, Reply } from './redis-link.ts';
import type { Commit, Mark, SentMessage, StoredOutgoing, StoredRecord } from './store.ts';

/** A key of one partition; the tag in braces keeps all of these on one hash slot. */
export const partKey = (partition: number, name: string): string => `bm:{p${partition}}:${name}`;
export const counterKey = (partition: number): string => partKey(partition, 'commits');
export const ownerKey = (partition: number, owner: string): string => partKey(partition, `o:${owner}`);
export const claimKey = (name: string): string => `bm:claim:${name}`;
export const noteKey = (name: string): string => `bm:note:${name}`;
export const leaseKey = (name: string): string => `bm:lease:${name}`;

/** The field of a record in its owner's hash; kinds have no colon, and the wrapped key stands under `key`. */
export const fieldOf = ({ kind, id }: RecordKey): string => `${kind}:${id}`;
export const timerOf = (owner: string, matter: string): string => JSON.stringify([owner, matter]);
export const flag = (value: string | null): string => (value === null ? '0' : '1');
export const textOf = (reply: Reply): string | null => (reply === null ? null : String(reply));
/** The platform's name of a sent message stands after a sign, so that none is not an empty one. */
export const codedRef = (ref: string | null): string => (ref === null ? '' : `=${ref}`);
export const refOf = (text: string): string | null => (text === '' ? null : text.slice(1));

/** A record's value is `version:body`. */
export const codedRecord = (version: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${version}:`), body]);

export function recordOf(value: Buffer | null | undefined): StoredRecord | null {
  if (!value) return null;
  const colon = value.indexOf(':');
  return { version: Number(value.subarray(0, colon)), body: value.subarray(colon + 1) };
}

/** A hash or a set with scores as Redis gives it: names and values in turn. */
export const pairs = (reply: Reply): [string, Buffer][] => {
  const flat = reply as Buffer[];
  return Array.from({ length: flat.length / 2 }, (_, i) => [String(flat[2 * i]), flat[2 * i + 1] as Buffer]);
};

export function recordsOf(owner: string, reply: Reply): { key: RecordKey; record: StoredRecord }[] {
  return pairs(reply).flatMap(([field, value]) => {
    const colon = field.indexOf(':');
    const record = recordOf(value);
    if (colon < 0 || !record) return [];
    return [
      { key: { owner, kind: field.slice(0, colon) as RecordKind, id: field.slice(colon + 1) }, record },
    ];
  });
}

export const scored = (reply: Reply): [string, number][] =>
  (reply as Reply[][]).map(([member, score]) => [String(member), Number(score)]);

export const outgoingOf = (partition: number, message: Buffer[]): StoredOutgoing => {
  const [owner, lane, channel, priority, seq, body, attempts, doubts, state, id] = message;
  return {
    partition,
    id: String(id),
    owner: String(owner),
    lane: String(lane),
    channel: String(channel),
    priority: Number(priority),
    seq: Number(seq),
    body: body as Buffer,
    attempts: Number(attempts),
    doubts: Number(doubts),
    ambiguous: String(state) === 'sending',
  };
};

export const sentOf = ([seq, at, ref, body, id]: Buffer[]): SentMessage => ({
  seq: Number(seq),
  id: String(id),
  at: Number(at),
  ref: refOf(String(ref)),
  body: body as Buffer,
});

/** In the order in which the script of a commit reads them. */
export function commitArguments(nonce: string, commit: Commit): Argument[] {
  const { event, at, expected, erase, keys, outbox, put, drop, timers, facts } = commit;
  const list = <T>(items: readonly T[], coded: (item: T) => Argument[]): Argument[] => [
    String(items.length),
    ...items.flatMap(coded),
  ];
  return [
    ...[nonce, flag(event), event ?? '', String(at)],
    ...list(expected, ({ key, version }) => [key.owner, fieldOf(key), String(version)]),
    ...list(erase, (owner) => [owner]),
    ...list(keys, ({ owner, wrapped }) => [owner, Buffer.from(wrapped)]),
    ...list(outbox, ({ id, owner, lane, channel, priority, due, body }) => [
      ...[id, owner, lane, channel, String(priority), String(due)],
      Buffer.from(body),
    ]),
    ...list(put, ({ key, version, body }) => [key.owner, fieldOf(key), codedRecord(version, body)]),
    ...list(drop, (key) => [key.owner, fieldOf(key)]),
    ...list(timers.clear, ({ owner, matter }) => [owner, timerOf(owner, matter)]),
    ...list(timers.set, ({ owner, matter, due }) => [owner, timerOf(owner, matter), String(due)]),
    ...list(facts, ({ owner, body }) => [owner, codedFact(at, body)]),
  ];
}

/** A fact's value is `at:body`. */
export const codedFact = (at: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${at}:`), body]);

export function markArguments(mark: Mark): string[] {
  switch (mark.state) {
    case 'retry':
      return [String(mark.again), mark.doubt ? '1' : '0'];
    case 'held':
      return [String(mark.due)];
    case 'sent':
      return [String(mark.at), codedRef(mark.ref)];
    default:
      return [];
  }
}
