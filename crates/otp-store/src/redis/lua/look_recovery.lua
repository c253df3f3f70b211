-- ARGV[3]: whether to repair the index.
local listed = redis.call('ZSCORE', KEYS[4], ARGV[2])
if not set == not listed then return 'done' end
if set then
  if ARGV[3] == '1' then redis.call('ZADD', KEYS[4], '0', ARGV[2]) end
  return 'unlisted'
end
if ARGV[3] == '1' then redis.call('ZREM', KEYS[4], ARGV[2]) end
return 'gone'
