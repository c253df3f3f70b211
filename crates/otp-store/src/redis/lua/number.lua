-- Numbers are text, except these two, which are small enough for a double: times are below 2^53.
local U32, TIME = 4294967295, 9007199254740991
local function number(text, most)
  local value = text and string.match(text, '^%d+$') and tonumber(text)
  if value and value <= most and string.format('%.0f', value) == text then return value end
end
