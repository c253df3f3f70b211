-- A verification clears what is counted.
if account[2] == 'open' then
  redis.call('HSET', KEYS[2], 'failures', '0', 'charge', '')
else
  redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charge', '')
end
