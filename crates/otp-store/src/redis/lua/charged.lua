-- Account::take_back, in one step. KEYS[2]: account.
local function take_back(attempt)
  local account = redis.call('HMGET', KEYS[2], 'charge', 'failures')
  local charge, failures = account[1] or '', number(account[2], U32)
  if string.sub(charge, 1, 16) ~= attempt then return 'unknown' end
  if not failures or failures == 0 then return {'corrupt', 'failures'} end
  local guesses, lock = string.match(charge, '^(%d+):(.+)$', 17)
  if not number(guesses, U32) or lock ~= 'open' and not number(lock, TIME) then
    return {'corrupt', 'charge'}
  end
  redis.call('HSET', KEYS[2], 'failures', string.format('%.0f', failures - 1), 'guesses', guesses,
    'lock', lock, 'charge', '')
  return 'done'
end
