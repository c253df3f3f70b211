-- KEYS: credential, account.
if redis.call('EXISTS', KEYS[1]) == 0 then return {'unknown'} end
local entry = redis.call('HMGET', KEYS[1], 'record', 'hotp', 'length', 'generation', 'confirmed',
  'next', 'drift', 'attempt')
local throttle = redis.call('HMGET', KEYS[2], 'failures', 'lock')
return {'found', entry[1], entry[2], entry[3], entry[4], entry[5], entry[6], entry[7], entry[8],
  throttle[1], throttle[2]}
