-- Everything that can fail comes before the first write.
if not set and #fields == 0 then return 'unknown' end
if not whole(account) then return {'corrupt', 'throttle'} end
-- No field and no place is empty, so these change nothing. They fail if a removal would.
redis.call('HDEL', KEYS[2], '')
redis.call('ZREM', KEYS[4], '')
local last = names() == 0

redis.call('DEL', KEYS[3])
if last then redis.call('DEL', KEYS[2]) else redis.call('HDEL', KEYS[2], 'set') end
redis.call('ZREM', KEYS[4], ARGV[2])
return 'done'
