-- Takes back the charge of an attempt, if the account still has it as its last.
local function take_back(attempt)
  local account = redis.call('HMGET', KEYS[2], 'charge', 'failures')
  local charge, failures = account[1] or '', number(account[2], U32)
  if string.sub(charge, 1, 16) ~= attempt then return 'unknown' end
  if not failures or failures == 0 then return {'corrupt', 'failures'} end
  local found = string.sub(charge, 17)
  if found ~= 'open' and not number(found, TIME) then return {'corrupt', 'lock'} end
  redis.call('HSET', KEYS[2], 'failures', string.format('%.0f', failures - 1), 'lock', found,
    'charge', '')
  return 'done'
end
