-- Entry::spend, without its writes. KEYS[2]: account, then each credential. ARGV[2]: for each
-- credential the account's field for its name, generation, counter, next, drift, attempt.
-- Takes the place of a credential, from 1. Returns the reply, or nothing if the counter is unspent.
-- Then returns the credential and the lock of the account.
local function spent(place)
  local key, first = KEYS[place + 2], 6 * place - 4
  local account = redis.call('HMGET', KEYS[2], ARGV[first], 'lock')
  local entry = redis.call('HMGET', key, 'generation', 'next', 'confirmed', 'drift')
  local there = entry[1] or redis.call('EXISTS', key) == 1
  if not account[1] ~= not there then return {'corrupt', 'throttle'} end
  if not there then return 'unknown' end
  local stored, counter = entry[2], ARGV[first + 2]
  if entry[1] ~= ARGV[first + 1] then return 'stale' end
  if not stored or not string.find(stored, '^%d+$') then return {'corrupt', 'counter'} end

  -- Counters need 64 bits, and a double has 53, so they are compared as decimal text.
  if #stored > #counter or (#stored == #counter and stored > counter) then
    -- Second line of defence: only a counter raised by hand can differ for one attempt.
    local last = redis.call('HMGET', key, 'attempt')[1]
    if last == ARGV[first + 5] and stored == ARGV[first + 3] then return 'done' end
    return 'replayed'
  end
  return nil, entry, account[2]
end

-- Spends the counter of a credential.
local function spend(place, entry)
  local key, first = KEYS[place + 2], 6 * place - 4
  local counter, drift, attempt = ARGV[first + 3], ARGV[first + 4], ARGV[first + 5]
  if entry[3] == '1' and entry[4] == drift then
    redis.call('HSET', key, 'next', counter, 'attempt', attempt)
  else
    redis.call('HSET', key, 'next', counter, 'attempt', attempt, 'drift', drift, 'confirmed', '1')
  end
end
