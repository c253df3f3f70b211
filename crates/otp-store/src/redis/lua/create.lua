-- KEYS: schema, index. ARGV[1]: the schema of this version.
if redis.call('EXISTS', KEYS[1]) == 1 then return 'there' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'foreign' end
redis.call('SET', KEYS[1], ARGV[1])
return 'done'
