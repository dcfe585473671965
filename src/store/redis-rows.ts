/**
 * The rows of a Redis store, given and taken. It must only be used while nothing else writes: it walks over all keys.
 */
import type { RecordKind } from '../core/records.ts';
import {
  claimKey,
  codedFact,
  codedRecord,
  codedRef,
  counterKey,
  fieldOf,
  leaseKey,
  noteKey,
  ownerKey,
  pairs,
  partKey,
  recordsOf,
  refOf,
  scored,
  textOf,
  timerOf,
} from './redis-coding.ts';
import type { RedisLink, Reply } from './redis-link.ts';
import { outbox, partition, script } from './redis-lua.ts';
import type { Cells, Row } from './rows.ts';

/** So many members of a long key are read at once. */
const page = 1000;
const messageFields = [
  ...(['seq', 'owner', 'lane', 'priority', 'due', 'again', 'state', 'attempts', 'doubts'] as const),
  ...(['at', 'ref', 'body', 'channel'] as const),
];

/** ARGV: id, the message's fields as above, `at` and `ref` empty where there is none. */
const place = script(
  `
local id, seq, owner, lane, priority, due = take(), take(), take(), take(), take(), take()
local again, state, attempts, doubts, at, ref, body = take(), take(), take(), take(), take(), take(), take()
call('HSET', p .. 'm:' .. id, 'owner', owner, 'lane', lane, 'channel', take(), 'priority', priority, 'seq', seq, 'due', due,
  'again', again, 'state', state, 'attempts', attempts, 'doubts', doubts, 'body', body)
if state == 'sent' then
  call('HSET', p .. 'm:' .. id, 'at', at, 'ref', ref)
  arrived(id, owner, seq, at)
else
  waits(id, owner, lane, seq, due, again)
  if state == 'sending' then call('ZREM', p .. 'moments', id) end
end
return 1`,
  { using: partition + outbox },
);

/** `except`: the claim that names this very store, which no other may take over. */
export async function* rowsOf(link: RedisLink, except: string): AsyncGenerator<Row> {
  let last = 0;
  for await (const key of link.scan('bm:')) {
    const single = /^bm:(note|claim|lease):([\s\S]*)$/.exec(key);
    if (single) {
      const [, sort, name = ''] = single;
      if (sort === 'claim' && name === except) continue;
      if (sort === 'lease')
        yield { table: 'leases', cells: [name, Number(await link.command(key, 'HGET', key, 'fence'))] };
      else {
        const value = textOf(await link.command(key, 'GET', key)) ?? '';
        yield { table: sort === 'claim' ? 'claims' : 'notes', cells: [name, value] };
      }
      continue;
    }
    const [, number = '', name = '', owner = ''] = /^bm:\{p(\d+)\}:([\w-]+):?([\s\S]*)$/.exec(key) ?? [];
    if (name === 'seq') last = Math.max(last, Number(await link.command(key, 'GET', key)));
    else yield* partitionRows(link, key, Number(number), name, owner);
  }
  if (last > 0) yield { table: 'numbers', cells: [last] };
}

async function* partitionRows(
  link: RedisLink,
  key: string,
  part: number,
  name: string,
  owner: string,
): AsyncGenerator<Row> {
  switch (name) {
    case 'events':
      for await (const [id, at] of members(link, key)) yield { table: 'events', cells: [part, id, at] };
      return;
    case 'failures-at':
      for await (const [id, at] of members(link, key)) {
        const counts = partKey(part, 'failures');
        const count = Number(await link.command(counts, 'HGET', counts, id));
        yield { table: 'failures', cells: [part, id, count, at] };
      }
      return;
    case 'timers':
      if (owner !== '') return;
      for await (const [member, due] of members(link, key)) {
        yield { table: 'timers', cells: [part, ...(JSON.parse(member) as [string, string]), due] };
      }
      return;
    case 'facts':
      for (let from = 0; ; from += page) {
        const range = [String(from), String(from + page - 1)];
        const found = (await link.command(key, 'LRANGE', key, ...range)) as Buffer[];
        for (const fact of found) {
          const colon = fact.indexOf(':');
          const at = Number(fact.subarray(0, colon));
          yield { table: 'facts', cells: [part, owner, at, fact.subarray(colon + 1)] };
        }
        if (found.length < page) return;
      }
    case 'o': {
      const all = await link.command(key, 'HGETALL', key);
      const wrapped = pairs(all).find(([field]) => field === 'key')?.[1];
      if (wrapped) yield { table: 'keys', cells: [part, owner, wrapped] };
      for (const { key: of, record } of recordsOf(owner, all)) {
        yield { table: 'records', cells: [part, owner, of.kind, of.id, record.version, record.body] };
      }
      return;
    }
    case 'm': {
      const found = await link.command(key, 'HMGET', key, ...messageFields);
      yield { table: 'outbox', cells: messageCells(part, owner, found as Reply[]) };
    }
  }
}

/** Members with their scores, lowest first. */
async function* members(link: RedisLink, key: string): AsyncGenerator<[string, number]> {
  for (let from = 0; ; from += page) {
    const range = [String(from), String(from + page - 1), 'WITHSCORES'];
    const found = scored(await link.command(key, 'ZRANGE', key, ...range));
    yield* found;
    if (found.length < page) return;
  }
}

function messageCells(part: number, id: string, found: Reply[]): Cells['outbox'] {
  const [seq, owner, lane, priority, due, again, state, attempts, doubts, at, ref, body, channel] = found;
  return [
    ...[part, id, String(owner), String(lane), Number(priority), Number(seq), Number(due)],
    ...[Number(again), String(state), Number(attempts), Number(doubts)],
    ...[
      at === null ? null : Number(at),
      refOf(textOf(ref ?? null) ?? ''),
      body,
      textOf(channel ?? null) ?? '',
    ],
  ] as Cells['outbox'];
}

/** `partitions`: all of the store. */
export async function fillInto(
  link: RedisLink,
  partitions: readonly number[],
  rows: readonly Row[],
): Promise<void> {
  await Promise.all(rows.map((row) => fill(link, partitions, row)));
}

async function fill(link: RedisLink, partitions: readonly number[], row: Row): Promise<unknown> {
  const send = (name: string, key: string, ...args: (string | Buffer)[]) =>
    link.command(key, name, key, ...args);
  switch (row.table) {
    case 'notes':
      return send('SET', noteKey(row.cells[0]), row.cells[1]);
    case 'claims':
      return send('SET', claimKey(row.cells[0]), row.cells[1]);
    case 'leases': {
      const [name, fence] = row.cells;
      return send('HSET', leaseKey(name), 'holder', '', 'fence', String(fence), 'until', '0');
    }
    case 'events': {
      const [part, id, at] = row.cells;
      return send('ZADD', partKey(part, 'events'), String(at), id);
    }
    case 'failures': {
      const [part, id, count, at] = row.cells;
      return Promise.all([
        send('ZADD', partKey(part, 'failures-at'), String(at), id),
        send('HSET', partKey(part, 'failures'), id, String(count)),
      ]);
    }
    case 'keys': {
      const [part, owner, wrapped] = row.cells;
      return send('HSET', ownerKey(part, owner), 'key', Buffer.from(wrapped));
    }
    case 'records': {
      const [part, owner, kind, id, version, body] = row.cells;
      const field = fieldOf({ owner, kind: kind as RecordKind, id });
      return send('HSET', ownerKey(part, owner), field, codedRecord(version, body));
    }
    case 'timers': {
      const [part, owner, matter, due] = row.cells;
      const timer = timerOf(owner, matter);
      return Promise.all([
        send('ZADD', partKey(part, 'timers'), String(due), timer),
        send('SADD', partKey(part, `timers:${owner}`), timer),
      ]);
    }
    case 'facts': {
      const [part, owner, at, body] = row.cells;
      return send('RPUSH', partKey(part, `facts:${owner}`), codedFact(at, body));
    }
    case 'outbox': {
      const [
        part,
        id,
        owner,
        lane,
        priority,
        seq,
        due,
        again,
        state,
        attempts,
        doubts,
        at,
        ref,
        body,
        channel,
      ] = row.cells;
      return link.run(
        place,
        counterKey(part),
        ...[id, String(seq), owner, lane, String(priority), String(due), String(again), state],
        ...[String(attempts), String(doubts), at === null ? '' : String(at), codedRef(ref)],
        Buffer.from(body),
        channel,
      );
    }
    case 'numbers':
      return Promise.all(partitions.map((part) => send('SET', partKey(part, 'seq'), String(row.cells[0]))));
  }
}
