-- Account::clear. The trust epoch and the recovery codes stay.
local function clear()
  redis.call('HSET', KEYS[2], 'failures', '0', 'guesses', '0', 'lock', 'open', 'charge', '')
end
