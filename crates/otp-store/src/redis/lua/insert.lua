-- KEYS[4]: index. ARGV[3]: place in the index, record, hotp, length, generation, next, whether
-- confirmed. Everything that can fail comes before the first write.
if there and entry[2] == '1' then return 'enrolled' end
if there and entry[2] ~= '0' then return {'corrupt', 'confirmed'} end
local new = redis.call('EXISTS', KEYS[2]) == 0
if not new and not whole(account) then return {'corrupt', 'throttle'} end
-- No place is empty, so this changes nothing. It fails if a write to the index would.
redis.call('ZADD', KEYS[4], 'XX', 0, '')

redis.call('HSET', KEYS[3], 'record', ARGV[4], 'hotp', ARGV[5], 'length', ARGV[6],
  'generation', ARGV[7], 'confirmed', ARGV[9], 'next', ARGV[8], 'drift', '0', 'attempt', '')
if new then
  clear()
  redis.call('HSET', KEYS[2], 'trust', '0')
end
redis.call('HSET', KEYS[2], ARGV[2], '')
redis.call('ZADD', KEYS[4], 0, ARGV[3])
return 'done'
