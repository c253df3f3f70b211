-- KEYS[4]: index. ARGV[3]: place in the index, whether to repair the index.
local listed = redis.call('ZSCORE', KEYS[4], ARGV[3])
if not there == not listed then return 'done' end
if there then
  if ARGV[4] == '1' then redis.call('ZADD', KEYS[4], '0', ARGV[3]) end
  return 'unlisted'
end
if ARGV[4] == '1' then redis.call('ZREM', KEYS[4], ARGV[3]) end
return 'gone'
