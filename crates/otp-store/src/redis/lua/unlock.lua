-- KEYS: account.
if redis.call('HLEN', KEYS[1]) == 0 then return 'unknown' end
redis.call('HSET', KEYS[1], 'failures', '0', 'lock', 'open')
return 'done'
