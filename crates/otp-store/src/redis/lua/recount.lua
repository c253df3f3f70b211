-- Gives an account of schema 2 its guesses and its trust epoch. KEYS[2]: account. A failure was
-- compared with three counters, unless the options said otherwise. A damaged account stays damaged.
local account = redis.call('HMGET', KEYS[2], 'failures', 'guesses')
local failures = number(account[1], U32)
if account[2] or not failures or names() == 0 then return 'unknown' end
redis.call('HSET', KEYS[2], 'guesses', string.format('%.0f', math.min(failures * 3, U32)),
  'charge', '', 'trust', '0')
return 'done'
