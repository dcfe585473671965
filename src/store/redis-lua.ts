/**
 * What the Lua scripts of the Redis store stand on: how a script is made, the keys of a partition, and the outbox's
 * common steps. A script gets one key of its partition and builds the others from that key's prefix, so all of them
 * carry the same tag, which is what a Cluster asks for; it must never touch another partition.
 *
 * The keys of partition n, all beginning with `bm:{pn}:`
 *   commits          counter of commits          recent          nonces of the last minutes' commits, by server time
 *   events           handled events, by age      failures(-at)   failed events: count, and when first
 *   o:OWNER          hash: the wrapped key and every record        facts:OWNER     list of facts
 *   timers           what is due, by moment      timers:OWNER    an owner's members of it
 *   m:ID             hash: one message           seq             the last number a message got
 *   wait:OWNER       an owner's waiting messages sent:OWNER      and sent ones, by number
 *   lane:LANE        waiting messages of a lane, by number
 *   lanes            lanes, by the moment at which to look at them again (0: something changed)
 *   ready:CHANNEL    which message leads each lane, by urgency and number; `ready` alone where there is no channel
 *   heads, channels  the same by lane, after the channel; and which channels there are
 *   moments          messages that are not being sent, by the moment from which they may go
 *   old, said        sent messages by age; owners by when something was last sent to them
 *   fences           the highest fence of each lease      erased          something was erased: the log holds it still
 */
import { createHash } from 'node:crypto';

export type Script = { lua: string; sha: string };

export function script(body: string, { flags = '', using = '' } = {}): Script {
  const lua = `#!lua${flags && ` flags=${flags}`}\n${using}${body}`;
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** KEYS[1] is the partition's `commits`. `take` reads the arguments one after the other. */
export const partition = `
local p = string.sub(KEYS[1], 1, -8)
local call = redis.call
local read = 0
local function take() read = read + 1 return ARGV[read] end
local function times(work) for _ = 1, tonumber(take()) do work() end end
`;

/** What the outbox's scripts share. Numbers of messages go as text: Lua would round them when it prints them. */
export const outbox = `
local function ready_of(channel) return p .. (channel == '' and 'ready' or 'ready:' .. channel) end
local function look_again(lane)
  local leads = call('HGET', p .. 'heads', lane)
  if leads then
    local channel, head = string.match(leads, '^(%l*)(.*)$')
    call('ZREM', ready_of(channel), head)
    call('HDEL', p .. 'heads', lane)
  end
  if call('EXISTS', p .. 'lane:' .. lane) == 1 then call('ZADD', p .. 'lanes', 0, lane)
  else call('ZREM', p .. 'lanes', lane) end
end
local function remove(id)
  local m = call('HMGET', p .. 'm:' .. id, 'owner', 'lane', 'state')
  if not m[1] then return end
  call('DEL', p .. 'm:' .. id)
  call('SREM', p .. 'wait:' .. m[1], id)
  call('ZREM', p .. 'sent:' .. m[1], id)
  call('ZREM', p .. 'old', id)
  call('ZREM', p .. 'moments', id)
  if m[3] ~= 'sent' then
    call('ZREM', p .. 'lane:' .. m[2], id)
    look_again(m[2])
  end
end
local function waits(id, owner, lane, seq, due, again)
  call('SADD', p .. 'wait:' .. owner, id)
  call('ZADD', p .. 'lane:' .. lane, seq, id)
  call('ZADD', p .. 'moments', math.max(tonumber(due), tonumber(again)), id)
  look_again(lane)
end
local function arrived(id, owner, seq, at)
  call('ZADD', p .. 'sent:' .. owner, seq, id)
  call('ZADD', p .. 'old', at, id)
  call('ZADD', p .. 'said', 'GT', at, owner)
end
`;
