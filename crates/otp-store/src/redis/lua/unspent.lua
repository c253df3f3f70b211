-- Entry::spend, in one step. KEYS[2], KEYS[3]: account, credential. ARGV[2]: the account's field for
-- the credential's name, generation, counter, next, drift, attempt.
local account = redis.call('HMGET', KEYS[2], ARGV[2], 'lock')
local entry = redis.call('HMGET', KEYS[3], 'generation', 'next', 'confirmed', 'drift')
local there = entry[1] or redis.call('EXISTS', KEYS[3]) == 1
if not account[1] ~= not there then return {'corrupt', 'throttle'} end
if not there then return 'unknown' end
local generation, stored, counter, attempt = entry[1], entry[2], ARGV[4], ARGV[7]
if generation ~= ARGV[3] then return 'stale' end
if not stored or not string.find(stored, '^%d+$') then return {'corrupt', 'counter'} end

-- Counters need 64 bits, and a double has 53, so they are compared as decimal text.
if #stored > #counter or (#stored == #counter and stored > counter) then
  -- Second line of defence: only a counter raised by hand can differ for one attempt.
  local last = redis.call('HMGET', KEYS[3], 'attempt')[1]
  if last == attempt and stored == ARGV[5] then return 'done' end
  return 'replayed'
end
