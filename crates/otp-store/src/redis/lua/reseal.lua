-- KEYS: credential. ARGV: the record that must be there, the one in its place.
if redis.call('HGET', KEYS[1], 'record') ~= ARGV[1] then return 'unknown' end
redis.call('HSET', KEYS[1], 'record', ARGV[2])
return 'done'
