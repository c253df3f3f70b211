-- KEYS[2], KEYS[3], KEYS[4]: account, recovery codes, index of recovery codes. ARGV[2]: place in
-- the index.
local account = redis.call('HMGET', KEYS[2], 'failures', 'lock', 'guesses', 'trust', 'set',
  'charge')
local set, fields = account[5], redis.call('HKEYS', KEYS[3])
