/**
 * The Redis store's scripts for what is to be sent: which messages may go, what became of them, what was sent. They must
 * never hold the server for long, however much waits.
 */
import { outbox, partition, script } from './redis-lua.ts';

/**
 * ARGV: now, limit, n, busy lanes, n, channels that take nothing. The reply has so many of each other channel. First the lanes are looked at where something changed or became due, a bounded number
 * of them; the reply begins with 1 when there are more, and the script is to be asked again.
 */
export const sendable = script(
  `
local now, limit = tonumber(take()), tonumber(take())
local busy, closed = {}, {}
times(function() busy[take()] = true end)
times(function() closed[take()] = true end)
local function look(lane)
  look_again(lane)
  local next_look, from = nil, 0
  while true do
    local id = call('ZRANGE', p .. 'lane:' .. lane, from, from)[1]
    if not id then break end
    local m = call('HMGET', p .. 'm:' .. id, 'due', 'again', 'seq', 'priority', 'channel')
    local due, again = tonumber(m[1]), tonumber(m[2])
    if due <= now then
      if again <= now then
        local head, channel = string.rep('0', 16 - #m[3]) .. m[3] .. lane, m[5] or ''
        call('ZADD', ready_of(channel), m[4], head)
        call('HSET', p .. 'heads', lane, channel .. head)
        call('SADD', p .. 'channels', channel)
      else next_look = math.min(next_look or again, again) end
      break
    end
    next_look = math.min(next_look or due, due)
    from = from + 1
  end
  if next_look then call('ZADD', p .. 'lanes', next_look, lane) else call('ZREM', p .. 'lanes', lane) end
end
for _, lane in ipairs(call('ZRANGEBYSCORE', p .. 'lanes', '-inf', now, 'LIMIT', 0, 300)) do look(lane) end
local more = #call('ZRANGEBYSCORE', p .. 'lanes', '-inf', now, 'LIMIT', 0, 1)

local found = {}
local function gather(channel)
  local ready, from, count = ready_of(channel), 0, 0
  while count < limit do
    local heads = call('ZRANGE', ready, from, from + limit - 1)
    if #heads == 0 then break end
    from = from + #heads
    for _, head in ipairs(heads) do
      local lane = string.sub(head, 17)
      if not busy[lane] and count < limit then
        local seq = string.sub(head, 1, 16)
        local id = call('ZRANGEBYSCORE', p .. 'lane:' .. lane, seq, seq)[1]
        local m = call('HMGET', p .. 'm:' .. id, 'owner', 'lane', 'priority', 'seq', 'body', 'attempts', 'doubts',
          'state', 'due', 'again')
        -- A clock that was set back: what led the lane then does not lead it now.
        if tonumber(m[9]) > now or tonumber(m[10]) > now then
          call('ZADD', p .. 'lanes', 0, lane)
          more = 1
        else
          found[#found + 1] = { m[1], m[2], channel, m[3], m[4], m[5], m[6], m[7], m[8], id }
          count = count + 1
        end
      end
    end
  end
end
for _, channel in ipairs(call('SMEMBERS', p .. 'channels')) do if not closed[channel] then gather(channel) end end
return { more, found }`,
  { using: partition + outbox },
);

/** ARGV: lease, fence, id, state, then what the mark says. Reply: 1, or 0 when it may not be made. */
export const mark = script(
  `
local lease, fence, id, state = take(), take(), take(), take()
if call('HGET', p .. 'fences', lease) ~= fence then return 0 end
local key = p .. 'm:' .. id
local m = call('HMGET', key, 'owner', 'lane', 'seq', 'due', 'again', 'state')
local owner, lane, seq = m[1], m[2], m[3]
if not owner then return 0 end
if state == 'gone' then
  remove(id)
  return 1
end
if state == 'sent' then
  local at, ref = take(), take()
  call('HSET', key, 'state', 'sent', 'at', at, 'ref', ref)
  call('SREM', p .. 'wait:' .. owner, id)
  call('ZREM', p .. 'lane:' .. lane, id)
  call('ZREM', p .. 'moments', id)
  arrived(id, owner, seq, at)
  look_again(lane)
  return 1
end
if m[6] == 'sent' then return 0 end
if state == 'sending' then
  call('HSET', key, 'state', 'sending')
  call('HINCRBY', key, 'attempts', 1)
  call('ZREM', p .. 'moments', id)
  return 1
end
if state == 'retry' then
  m[5] = take()
  call('HINCRBY', key, 'doubts', take())
else m[4] = take() end
call('HSET', key, 'state', 'ready', 'due', m[4], 'again', m[5])
waits(id, owner, lane, seq, m[4], m[5])
return 1`,
  { using: partition + outbox },
);

/** ARGV: owner, after. Reply: the messages. */
export const sent = script(
  `
local found = {}
local owner, after = take(), take()
for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'sent:' .. owner, '(' .. after, '+inf')) do
  local m = call('HMGET', p .. 'm:' .. id, 'seq', 'at', 'ref', 'body')
  m[5] = id
  found[#found + 1] = m
end
return found`,
  { flags: 'no-writes', using: partition },
);

/** ARGV: from, to. Reply: owners. */
export const spokenTo = script(
  `
local found = {}
for _, owner in ipairs(call('ZRANGEBYSCORE', p .. 'said', take(), take())) do
  if call('EXISTS', p .. 'wait:' .. owner) == 0 then found[#found + 1] = owner end
end
return found`,
  { flags: 'no-writes', using: partition },
);
