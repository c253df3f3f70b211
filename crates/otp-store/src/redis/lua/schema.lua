-- KEYS: schema, index. ARGV: the schema of this version. Answers the one that is there.
local schema = redis.call('GET', KEYS[1])
if schema then return schema end
if redis.call('EXISTS', KEYS[2]) == 1 then return '' end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
