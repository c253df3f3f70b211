-- Counts the credentials that the account names.
local function names()
  local count = 0
  for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
    if string.sub(field, 1, 5) == 'name:' then count = count + 1 end
  end
  return count
end
