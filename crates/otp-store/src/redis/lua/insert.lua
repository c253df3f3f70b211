-- KEYS: credential, account, index. ARGV: place in the index, record, hotp, length, generation,
-- next, whether confirmed. All that can fail comes before the first write.
local confirmed = redis.call('HGET', KEYS[1], 'confirmed')
if confirmed == '1' then return 'enrolled' end
if confirmed ~= '0' and redis.call('EXISTS', KEYS[1]) == 1 then return 'corrupt' end
redis.call('HGET', KEYS[2], 'failures')

redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('HSET', KEYS[1], 'record', ARGV[2], 'hotp', ARGV[3], 'length', ARGV[4],
  'generation', ARGV[5], 'confirmed', ARGV[7], 'next', ARGV[6], 'drift', '0', 'attempt', '')
redis.call('HSETNX', KEYS[2], 'failures', '0')
redis.call('HSETNX', KEYS[2], 'lock', 'open')
return 'done'
