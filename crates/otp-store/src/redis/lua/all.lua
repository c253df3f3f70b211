-- Reads an account and all its credentials. KEYS[2], KEYS[3]: account, and its credential without a
-- name. ARGV[2]: the account's field for that one. The key and the field of another credential are
-- these with its name at the end.
local names, entries = {}, {}
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(field, 1, #ARGV[2]) == ARGV[2] then
    names[#names + 1] = string.sub(field, #ARGV[2] + 1)
  end
end
-- Byte for byte: `<` would sort by the locale of the server.
table.sort(names, function(one, other)
  for place = 1, math.min(#one, #other) do
    local a, b = string.byte(one, place), string.byte(other, place)
    if a ~= b then return a < b end
  end
  return #one < #other
end)
local account = redis.call('HMGET', KEYS[2], 'failures', 'lock', 'guesses', 'trust', 'set',
  'charge')
-- An account that names neither a credential nor recovery codes is foreign, and one that is lost
-- left one of them behind.
local codes = string.gsub(KEYS[2], 'account$', 'recovery')
if #names == 0 and redis.call('EXISTS', KEYS[2], KEYS[3], codes) ~= (account[5] and 2 or 0) then
  return {'corrupt', 'throttle'}
end
for place, name in ipairs(names) do
  local key = KEYS[3] .. name
  local entry = redis.call('HMGET', key, 'length', 'confirmed', 'record', 'hotp', 'generation',
    'next', 'drift', 'attempt')
  if not entry[3] and redis.call('EXISTS', key) == 0 then return {'corrupt', 'throttle'} end
  entries[place] = entry
end
