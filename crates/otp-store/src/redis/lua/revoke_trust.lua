if #names == 0 and not account[5] then return 'unknown' end
local epoch = number(account[4], TIME)
if not epoch then return {'corrupt', 'trust'} end
redis.call('HSET', KEYS[2], 'trust', string.format('%.0f', math.min(epoch + 1, TIME)))
return 'done'
