-- Moves a credential of schema 1. KEYS[2]: account, credential, index, and the account and
-- credential of schema 1. ARGV[2]: the account's field for the name, place in the index.
if redis.call('HLEN', KEYS[6]) == 0 then return 'unknown' end
if not redis.call('HGET', KEYS[6], 'record') then return {'corrupt', 'record'} end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'corrupt', 'key'} end
local throttle = redis.call('HMGET', KEYS[5], 'failures', 'lock')
local account = redis.call('HLEN', KEYS[2])
redis.call('ZADD', KEYS[4], '0', ARGV[3])
-- A credential without its account stays damaged: its failures are unknown.
if account == 0 and throttle[1] and throttle[2] then
  redis.call('HSET', KEYS[2], 'failures', throttle[1], 'lock', throttle[2], 'charge', '')
  account = 3
end
if account > 0 then redis.call('HSET', KEYS[2], ARGV[2], '') end
redis.call('RENAME', KEYS[6], KEYS[3])
return 'done'
