-- KEYS[2], KEYS[3]: account, credential. ARGV[2]: the account's field for the credential's name.
local account = redis.call('HMGET', KEYS[2], 'failures', 'lock', 'guesses', 'trust', 'set',
  'charge', ARGV[2])
local entry = redis.call('HMGET', KEYS[3], 'length', 'confirmed', 'record', 'hotp', 'generation',
  'next', 'drift', 'attempt')
local there = entry[3] or redis.call('EXISTS', KEYS[3]) == 1
-- The account must name the credential. Otherwise one of the two is lost or foreign.
if not account[7] ~= not there then return {'corrupt', 'throttle'} end
