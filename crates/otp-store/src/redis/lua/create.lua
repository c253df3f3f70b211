-- KEYS: schema, both indexes. ARGV[1]: the schema of this version.
if redis.call('EXISTS', KEYS[1]) == 1 then return 'there' end
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then return 'foreign' end
redis.call('SET', KEYS[1], ARGV[1])
return 'done'
