-- Entry::charge, in one step. KEYS: credential, account.
-- ARGV: time, length, whether confirmed; for TOTP, then for HOTP: step, limit, number of waits; then
-- the waits of TOTP, then those of HOTP.
local entry = redis.call('HMGET', KEYS[1], 'record', 'hotp', 'length', 'generation', 'confirmed',
  'next', 'drift', 'attempt')
local throttle = redis.call('HMGET', KEYS[2], 'failures', 'lock')
if not entry[1] and redis.call('EXISTS', KEYS[1]) == 0 then return {'unknown'} end

local confirmed = entry[5]
if confirmed ~= '0' and confirmed ~= '1' then return {'corrupt', 'confirmed'} end
if confirmed ~= ARGV[3] then
  if confirmed == '0' then return {'unknown'} end
  return {'enrolled'}
end
if entry[3] ~= ARGV[2] then 
  return {'malformed', entry[3], throttle[1] or '', throttle[2] or ''}
end

-- Up to here numbers are text. These are small enough for a double: times are below 2^53.
local function number(text, most)
  local value = text and string.match(text, '^%d+$') and tonumber(text)
  if value and value <= most and string.format('%.0f', value) == text then return value end
end
local U32, TIME = 4294967295, 9007199254740991

local policy, waits = 4, 9
if entry[2] == '1' then
  policy, waits = 7, 9 + tonumber(ARGV[6])
elseif entry[2] ~= '0' then
  return {'corrupt', 'hotp'}
end
local step, limit = tonumber(ARGV[policy]), tonumber(ARGV[policy + 1])
local count = tonumber(ARGV[policy + 2])
local function wait_after(failures)
  local wait = tonumber(ARGV[waits + math.max(math.min(failures, count), 1)])
  return math.min(wait + math.min(step * failures, U32), U32)
end

local now, failures, lock = tonumber(ARGV[1]), number(throttle[1], U32), throttle[2]
if not failures then return {'corrupt', 'failures'} end
if lock == 'hard' then return {'locked', throttle[1], lock} end
if lock ~= 'open' then
  local ends = number(lock, TIME)
  if not ends then return {'corrupt', 'lock'} end
  if now < ends then
    -- The clock went back: Policy::longest_wait.
    local latest = now + math.min(wait_after(failures) + 900, U32)
    if latest < ends then
      lock = string.format('%.0f', latest)
      redis.call('HSET', KEYS[2], 'lock', lock)
    end
    return {'locked', throttle[1], lock}
  end
end

failures = math.min(failures + 1, U32)
local wait = wait_after(failures)
if failures >= limit then
  lock = 'hard'
elseif wait == 0 then
  lock = 'open'
else
  lock = string.format('%.0f', now + wait)
end
failures = string.format('%.0f', failures)
redis.call('HSET', KEYS[2], 'failures', failures, 'lock', lock)
return {'permitted', entry[1], entry[2], entry[3], entry[4], entry[5], entry[6], entry[7],
  entry[8], failures, lock}
