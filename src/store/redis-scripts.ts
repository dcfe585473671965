/**
 * The Redis store's scripts: load, commit, age, and what is one key. Each is one atomic step on one hash slot. It must
 * read and check everything before its first write, since Redis takes nothing back, and must never look into a body.
 */
import { outbox, partition, script } from './redis-lua.ts';

/** ARGV: has event, event, n, then (owner, m, then fields) n times. Reply: seen, then of each owner key and values. */
export const load = script(
  `
local reply = { take() == '1' and call('ZSCORE', p .. 'events', ARGV[2]) and 1 or 0 }
read = 2
times(function()
  local owner = take()
  local fields = { 'key' }
  times(function() fields[#fields + 1] = take() end)
  reply[#reply + 1] = call('HMGET', p .. 'o:' .. owner, unpack(fields))
end)
return reply`,
  { flags: 'no-writes', using: partition },
);

/**
 * ARGV: nonce, has event, event, at, then counted lists. Reply: what it did and the counter of commits. The nonce
 * tells a commit that was made from one that was not, when the answer got lost. Numbers of messages follow the server's
 * clock in microseconds, so that they rise over all partitions without a key that all of them would have to share; within
 * a partition they rise whatever that clock does.
 */
export const commit = script(
  `
local nonce, has_event, event, at = take(), take() == '1', take(), take()
local function done(what) return { what, tonumber(call('GET', KEYS[1]) or 0) } end
if call('ZSCORE', p .. 'recent', nonce) then return done('done') end
if has_event and call('ZSCORE', p .. 'events', event) then return done('seen') end

local stale = false
times(function()
  local found = call('HGET', p .. 'o:' .. take(), take())
  local version = take()
  if (found and string.match(found, '^%d+') or '0') ~= version then stale = true end
end)
local erase, erased, keys, put, messages, ids = {}, {}, {}, {}, {}, {}
times(function() erase[#erase + 1] = take() erased[erase[#erase]] = true end)
times(function()
  keys[#keys + 1] = { take(), take() }
  if call('HEXISTS', p .. 'o:' .. keys[#keys][1], 'key') == 1 then stale = true end
end)
if stale then return done('stale') end
times(function() messages[#messages + 1] = { take(), take(), take(), take(), take(), take(), take() } end)
for _, m in ipairs(messages) do
  local owner = call('HGET', p .. 'm:' .. m[1], 'owner')
  if ids[m[1]] or owner and not erased[owner] then return done('taken') end
  ids[m[1]] = true
end

local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local commits = call('INCR', KEYS[1])
call('ZREMRANGEBYSCORE', p .. 'recent', '-inf', now - 600000000)
call('ZADD', p .. 'recent', now, nonce)
if has_event then call('ZADD', p .. 'events', at, event) end
for _, owner in ipairs(erase) do
  for _, timer in ipairs(call('SMEMBERS', p .. 'timers:' .. owner)) do call('ZREM', p .. 'timers', timer) end
  for _, id in ipairs(call('SMEMBERS', p .. 'wait:' .. owner)) do remove(id) end
  for _, id in ipairs(call('ZRANGE', p .. 'sent:' .. owner, 0, -1)) do remove(id) end
  call('DEL', p .. 'o:' .. owner, p .. 'facts:' .. owner, p .. 'timers:' .. owner)
  call('ZREM', p .. 'said', owner)
  call('SET', p .. 'erased', 1)
end
for _, one in ipairs(keys) do call('HSET', p .. 'o:' .. one[1], 'key', one[2]) end
times(function() call('HSET', p .. 'o:' .. take(), take(), take()) end)
times(function() call('HDEL', p .. 'o:' .. take(), take()) end)
times(function()
  local owner, timer = take(), take()
  call('ZREM', p .. 'timers', timer)
  call('SREM', p .. 'timers:' .. owner, timer)
end)
times(function()
  local owner, timer = take(), take()
  call('ZADD', p .. 'timers', take(), timer)
  call('SADD', p .. 'timers:' .. owner, timer)
end)
times(function() call('RPUSH', p .. 'facts:' .. take(), take()) end)
for _, m in ipairs(messages) do
  local seq = math.max(now, tonumber(call('GET', p .. 'seq') or 0) + 1)
  local text = string.format('%.0f', seq)
  call('SET', p .. 'seq', text)
  call('HSET', p .. 'm:' .. m[1], 'owner', m[2], 'lane', m[3], 'channel', m[4], 'priority', m[5], 'seq', text,
    'due', m[6], 'again', 0, 'state', 'ready', 'attempts', 0, 'doubts', 0, 'body', m[7])
  waits(m[1], m[2], m[3], text, m[6], 0)
end
return { 'done', commits }`,
  { using: partition + outbox },
);

/** ARGV: event, now. Reply: how often. */
export const failed = script(
  `
call('ZADD', p .. 'failures-at', 'NX', ARGV[2], ARGV[1])
return call('HINCRBY', p .. 'failures', ARGV[1], 1)`,
  { using: partition },
);

/** ARGV: before. A bounded number of each sort; reply: how many went. Allowed when memory is full, since it frees some. */
export const prune = script(
  `
local before, gone = '(' .. ARGV[1], 0
local function oldest(key, work)
  local found = call('ZRANGEBYSCORE', p .. key, '-inf', before, 'LIMIT', 0, 300)
  for _, one in ipairs(found) do
    if work then work(one) end
    call('ZREM', p .. key, one)
  end
  gone = gone + #found
end
oldest('events')
oldest('failures-at', function(event) call('HDEL', p .. 'failures', event) end)
oldest('old', remove)
oldest('said')
return gone`,
  { flags: 'allow-oom', using: partition + outbox },
);

/** ARGV: lease, fence. From here on no lower fence marks anything in this partition. */
export const raise = script(
  `
if tonumber(call('HGET', p .. 'fences', ARGV[1]) or 0) < tonumber(ARGV[2]) then
  call('HSET', p .. 'fences', ARGV[1], ARGV[2])
end
return 1`,
  { using: partition },
);

/** KEYS[1]: the claim. ARGV: value, has instead, instead. Reply: who holds it. */
export const claim = script(`
local held = redis.call('GET', KEYS[1])
if held and not (ARGV[2] == '1' and held == ARGV[3]) then return held end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]`);

export const release = script(
  `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`,
  { flags: 'allow-oom' },
);

/** KEYS[1]: the owner. ARGV: the wrapped key as it was seen, another. Reply: 1 when it was so and is replaced. */
export const rewrap = script(`
if redis.call('HGET', KEYS[1], 'key') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'key', ARGV[2])
return 1`);

/** KEYS[1]: the lease. ARGV: holder, lasts, now. Reply: the fence, or 0 while somebody else holds it. */
export const lease = script(`
local held = redis.call('HMGET', KEYS[1], 'holder', 'fence', 'until')
local mine = held[1] == ARGV[1]
if held[1] and not mine and tonumber(held[3]) > tonumber(ARGV[3]) then return 0 end
local fence = tonumber(held[2] or 0) + (mine and 0 or 1)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'fence', fence, 'until', ARGV[3] + ARGV[2])
return fence`);

export const letGo = script(`
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('HSET', KEYS[1], 'until', 0) end
return 1`);
