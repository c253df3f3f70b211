-- ARGV[3]: set, sealed key, then the digest of each code. Everything that can fail comes before the
-- first write.
local new = redis.call('EXISTS', KEYS[2]) == 0
if new and #fields > 0 or not new and not whole(account) then return {'corrupt', 'throttle'} end
-- No place is empty, so this changes nothing. It fails if a write to the index would.
redis.call('ZADD', KEYS[4], 'XX', 0, '')

if new then
  clear()
  redis.call('HSET', KEYS[2], 'trust', '0')
end
redis.call('HSET', KEYS[2], 'set', ARGV[3])
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'key', ARGV[4])
for place = 5, #ARGV do redis.call('HSET', KEYS[3], ARGV[place], '') end
redis.call('ZADD', KEYS[4], 0, ARGV[2])
return 'done'
