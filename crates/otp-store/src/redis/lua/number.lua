-- Numbers are text, except these two, which are small enough for a double: times are below 2^53.
local U32, TIME = 4294967295, 9007199254740991
local function number(text, most)
  local value = text and string.match(text, '^%d+$') and tonumber(text)
  if value and value <= most and string.format('%.0f', value) == text then return value end
end

-- Takes the charge of an attempt back, if the account still names it.
local function take_back(attempt)
  if charged ~= attempt then return 'unknown' end
  local count = number(failures, U32)
  if not count or count == 0 then return {'corrupt', 'failures'} end
  if found ~= 'open' and not number(found, TIME) then return {'corrupt', 'lock'} end
  redis.call('HSET', KEYS[2], 'failures', string.format('%.0f', count - 1), 'lock', found,
    'charged', '', 'found', '')
  return 'done'
end
