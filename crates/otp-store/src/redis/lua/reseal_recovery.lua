-- ARGV[3]: set, the sealed key that must be stored, its replacement.
if not set or set ~= ARGV[3] or key ~= ARGV[4] then return 'unknown' end
redis.call('HSET', KEYS[3], 'key', ARGV[5])
return 'done'
