-- The account must name the set. Otherwise one of the two is lost or foreign.
if not set ~= (#fields == 0) then return {'corrupt', 'set'} end
if #fields > 100 then return {'corrupt', 'set'} end
-- Beside the key lies, for the digest of each code, the attempt that spent it, or nothing.
local key, left = nil, 0
local values = set and redis.call('HMGET', KEYS[3], unpack(fields))
for place, field in ipairs(fields) do
  local value = values[place]
  if field == 'key' and #value <= 1024 then
    key = value
  elseif #field == 32 and value == '' then
    left = left + 1
  elseif #field ~= 32 or #value ~= 16 then
    return {'corrupt', 'set'}
  end
end
if set and not key then return {'corrupt', 'set'} end
