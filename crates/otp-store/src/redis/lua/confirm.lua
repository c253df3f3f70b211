-- A confirmation takes back its own charge.
if not redis.call('HMGET', KEYS[2], ARGV[2])[1] then return {'corrupt', 'throttle'} end
local back = take_back(attempt)
if back ~= 'done' and back ~= 'unknown' then return back end
