-- ARGV[3]: set, digest, attempt.
if not set then return {'unknown'} end
if set ~= ARGV[3] then return {'stale'} end
local spent = redis.call('HMGET', KEYS[3], ARGV[4])[1]
if not spent then return {'mismatch'} end
if spent == '' then
  redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
  clear()
  left = left - 1
elseif spent ~= ARGV[5] then
  return {'replayed'}
end
return {'done', string.format('%d', left)}
