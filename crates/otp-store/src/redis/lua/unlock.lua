-- KEYS: credential, account.
if redis.call('HLEN', KEYS[1]) == 0 then return 'unknown' end
redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open')
return 'done'
