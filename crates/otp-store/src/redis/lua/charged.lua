-- Takes the charge of an attempt back, if the account still names it.
local function take_back(attempt)
  local account = redis.call('HMGET', KEYS[2], 'charged', 'found', 'failures')
  if account[1] ~= attempt then return 'unknown' end
  local found, failures = account[2], number(account[3], U32)
  if not failures or failures == 0 then return {'corrupt', 'failures'} end
  if found ~= 'open' and not number(found, TIME) then return {'corrupt', 'lock'} end
  redis.call('HSET', KEYS[2], 'failures', string.format('%.0f', failures - 1), 'lock', found,
    'charged', '', 'found', '')
  return 'done'
end
