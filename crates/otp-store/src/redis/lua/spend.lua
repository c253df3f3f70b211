-- A verification clears the failures, the lock and the last charge.
if account[2] == 'open' then
  redis.call('HSET', KEYS[2], 'failures', '0', 'charge', '')
else
  redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charge', '')
end
