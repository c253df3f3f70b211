-- KEYS: credential, account, index. ARGV: place in the index, first and end of the account's
-- places. All that can fail comes before the first write.
if redis.call('HLEN', KEYS[1]) == 0 then return 'unknown' end
redis.call('HGET', KEYS[2], 'failures')
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[1])
if redis.call('ZLEXCOUNT', KEYS[3], ARGV[2], ARGV[3]) == 0 then redis.call('DEL', KEYS[2]) end
return 'done'
