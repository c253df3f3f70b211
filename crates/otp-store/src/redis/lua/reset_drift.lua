if not there then return 'unknown' end
redis.call('HSET', KEYS[3], 'drift', '0')
return 'done'
