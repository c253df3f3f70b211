-- Any credential of the account may be named.
if redis.call('EXISTS', KEYS[2]) == 0 then return 'unknown' end
if names() == 0 then return {'corrupt', 'throttle'} end
redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charge', '')
return 'done'
