-- Entry::charge, in one step. KEYS[2], KEYS[3]: account, credential. ARGV[2]: the account's field
-- for the credential's name.
local account = redis.call('HMGET', KEYS[2], 'failures', 'lock', 'guesses', 'trust', 'set', ARGV[2])
local entry = redis.call('HMGET', KEYS[3], 'length', 'confirmed', 'record', 'hotp', 'generation',
  'next', 'drift', 'attempt')
local there = entry[3] or redis.call('EXISTS', KEYS[3]) == 1
if not account[6] ~= not there then return {'corrupt', 'throttle'} end
if not there then return {'unknown'} end
local confirmed, hotp = entry[2], entry[4]
if confirmed ~= '0' and confirmed ~= '1' then return {'corrupt', 'confirmed'} end
if confirmed ~= ARGV[6] then
  if confirmed == '0' then return {'unknown'} end
  return {'enrolled'}
end
if entry[1] ~= ARGV[5] then return {'malformed', entry[1], account[1], account[2]} end
if hotp ~= '0' and hotp ~= '1' then return {'corrupt', 'hotp'} end
hotp = tonumber(hotp)
local totp = 1 - hotp
