-- KEYS[4]: index. ARGV[3]: place in the index. Everything that can fail comes before the first
-- write.
if not there then return 'unknown' end
if not entry[3] then return {'corrupt', 'record'} end
-- No field and no place is empty, so these change nothing. They fail if a removal would.
redis.call('HDEL', KEYS[2], '')
redis.call('ZREM', KEYS[4], '')
local last = names() == 1 and not account[5]

redis.call('DEL', KEYS[3])
if last then redis.call('DEL', KEYS[2]) else redis.call('HDEL', KEYS[2], ARGV[2]) end
redis.call('ZREM', KEYS[4], ARGV[3])
return 'done'
