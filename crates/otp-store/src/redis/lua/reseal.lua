-- ARGV[3]: the record that must be stored, its replacement.
if entry[3] ~= ARGV[3] then return 'unknown' end
redis.call('HSET', KEYS[3], 'record', ARGV[4])
return 'done'
