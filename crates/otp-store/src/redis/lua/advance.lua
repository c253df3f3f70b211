-- A verification clears what is counted.
local added = redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charged', '', 'found', '')
if added == 4 then
  -- The account was lost.
  redis.call('HDEL', KEYS[2], 'failures', 'lock', 'charged', 'found')
  return {'corrupt', 'throttle'}
end
