-- Numbers are text in one spelling. Only these two are converted, since they fit into a double:
-- times and trust epochs are below 2^53.
local U32, TIME = 4294967295, 9007199254740991
local function number(text, most)
  if text == '0' then return 0 end
  if not text or #text > 16 or not string.find(text, '^[1-9]%d*$') then return end
  local value = tonumber(text)
  if value <= most then return value end
end
