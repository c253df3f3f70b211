-- Account::count, in one step, on this many credentials: totp, hotp. ARGV[3]: attempt, time,
-- length, whether confirmed, and for TOTP and for HOTP: step, limit, guesses, seconds of a lock-out
-- (0 if it does not end by itself) and waits, of four bytes each.
-- An attempt on recovery codes guesses at no counter.
-- A field that does not change is not written, since a write costs the server more than a read.
local policy = hotp > 0 and ARGV[8] or ARGV[7]
local step, limit, more, reopen = struct.unpack('>I4I4I4I4', policy)
local budget = math.min(limit * more, U32)
if totp + hotp ~= 1 then
  more = totp * struct.unpack('>I4', ARGV[7], 9) + hotp * struct.unpack('>I4', ARGV[8], 9)
end
local function wait_after(count)
  local place = math.max(math.min(count, #policy / 4 - 4), 1)
  local wait = struct.unpack('>I4', policy, 4 * place + 13)
  return math.min(wait + math.min(step * count, U32), U32)
end

local now, failures, found, guesses = ARGV[4], account[1], account[2], account[3]
local count, spent = number(failures, U32), number(guesses, U32)
if not count then return {'corrupt', 'failures'} end
if not spent then return {'corrupt', 'guesses'} end
if found == 'hard' then return {'locked', failures, found} end
if found ~= 'open' then
  local ends = number(found, TIME)
  if not ends then return {'corrupt', 'lock'} end
  if tonumber(now) < ends then
    -- The clock was set back: ThrottlePolicy::max_lock.
    local latest = now + math.min(math.max(wait_after(count), reopen) + 900, U32)
    if latest < ends then
      found = string.format('%.0f', latest)
      redis.call('HSET', KEYS[2], 'lock', found)
    end
    return {'locked', failures, found}
  end
end
-- The first attempt of a clean account is permitted, and so is one after a lock-out that has ended.
if reopen == 0 and more > 0 and spent > 0 and spent + more > budget then
  redis.call('HSET', KEYS[2], 'lock', 'hard')
  return {'locked', failures, 'hard'}
end

count, spent = math.min(count + 1, U32), math.min(spent + more, U32)
failures = failures == '0' and '1' or string.format('%.0f', count)
local before, lock, wait = guesses .. ':' .. found, nil, wait_after(count)
guesses = string.format('%.0f', spent)
if count >= limit or more > 0 and spent + more > budget then
  lock = reopen == 0 and 'hard' or string.format('%.0f', now + reopen)
elseif wait == 0 then
  lock = 'open'
else
  lock = string.format('%.0f', now + wait)
end
local charge = ARGV[3] .. before
if lock == found then
  redis.call('HSET', KEYS[2], 'failures', failures, 'guesses', guesses, 'charge', charge)
else
  redis.call('HSET', KEYS[2], 'failures', failures, 'guesses', guesses, 'charge', charge,
    'lock', lock)
end
