-- Entry::charge, in one step. KEYS[2], KEYS[3]: account, credential. ARGV[2]: the account's field
-- for the credential's name, attempt, time, length, whether confirmed, the policies of TOTP and of
-- HOTP: step, limit and waits, of four bytes each. A field that does not change is not written,
-- since a write costs the server more than a read.
local account = redis.call('HMGET', KEYS[2], ARGV[2], 'failures', 'lock')
local entry = redis.call('HMGET', KEYS[3], 'record', 'hotp', 'length', 'generation', 'confirmed',
  'next', 'drift', 'attempt')
local there = entry[1] or redis.call('EXISTS', KEYS[3]) == 1
if not account[1] ~= not there then return {'corrupt', 'throttle'} end
if not there then return {'unknown'} end
local failures, lock, confirmed = account[2], account[3], entry[5]
if confirmed ~= '0' and confirmed ~= '1' then return {'corrupt', 'confirmed'} end
if confirmed ~= ARGV[6] then
  if confirmed == '0' then return {'unknown'} end
  return {'enrolled'}
end
if entry[3] ~= ARGV[5] then return {'malformed', entry[3], failures, lock} end

local policy = entry[2] == '0' and ARGV[7] or entry[2] == '1' and ARGV[8]
if not policy then return {'corrupt', 'hotp'} end
local step, limit = struct.unpack('>I4I4', policy)
local function wait_after(count)
  local place = math.max(math.min(count, #policy / 4 - 2), 1)
  local wait = struct.unpack('>I4', policy, 4 * place + 5)
  return math.min(wait + math.min(step * count, U32), U32)
end

local now, count = ARGV[4], number(failures, U32)
if not count then return {'corrupt', 'failures'} end
if lock == 'hard' then return {'locked', failures, lock} end
if lock ~= 'open' then
  local ends = number(lock, TIME)
  if not ends then return {'corrupt', 'lock'} end
  if tonumber(now) < ends then
    -- The clock was set back: ThrottlePolicy::max_lock.
    local latest = now + math.min(wait_after(count) + 900, U32)
    if latest < ends then
      lock = string.format('%.0f', latest)
      redis.call('HSET', KEYS[2], 'lock', lock)
    end
    return {'locked', failures, lock}
  end
end

count = math.min(count + 1, U32)
local found = lock
failures = failures == '0' and '1' or string.format('%.0f', count)
local wait = wait_after(count)
if count >= limit then
  lock = 'hard'
elseif wait == 0 then
  lock = 'open'
else
  lock = string.format('%.0f', now + wait)
end
local charge = ARGV[3] .. found
if lock == found then
  redis.call('HSET', KEYS[2], 'failures', failures, 'charge', charge)
else
  redis.call('HSET', KEYS[2], 'failures', failures, 'lock', lock, 'charge', charge)
end
return {'permitted', entry[1], entry[2], entry[4], entry[6], entry[7], entry[8], failures, lock, found}
