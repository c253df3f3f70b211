-- Entry::advance, in one step. KEYS: credential, account.
-- ARGV: generation, counter, next, drift, attempt.
local entry = redis.call('HMGET', KEYS[1], 'generation', 'next', 'attempt')
-- Reads before it writes: a key of another type must stop it half-way never.
redis.call('HGET', KEYS[2], 'failures')
if not entry[1] and redis.call('EXISTS', KEYS[1]) == 0 then return 'unknown' end

local generation, stored, counter = entry[1], entry[2], ARGV[2]
if generation ~= ARGV[1] then return 'stale' end
if not stored or not string.match(stored, '^%d+$') then return 'corrupt' end

-- Counters need all of 64 bits, of which a double has 53: they are compared as decimal text.
if #stored < #counter or (#stored == #counter and stored <= counter) then
  redis.call('HSET', KEYS[1], 'next', ARGV[3], 'drift', ARGV[4], 'attempt', ARGV[5],
    'confirmed', '1')
  redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open')
  return 'done'
end
if entry[3] == ARGV[5] and stored == ARGV[3] then return 'done' end
return 'replayed'
