-- KEYS[4]: recovery codes. The reader checks the codes: their fields come first, and then as many values.
local fields = redis.call('HKEYS', KEYS[4])
if #fields > 100 or not account[5] ~= (#fields == 0) then return {'corrupt', 'set'} end
if #names == 0 and #fields == 0 then return {'unknown'} end
local reply = {'found', account[1], account[2], account[3], account[4], account[5], account[6],
  string.format('%d', #fields)}
for _, field in ipairs(fields) do reply[#reply + 1] = field end
local values = #fields > 0 and redis.call('HMGET', KEYS[4], unpack(fields)) or {}
for _, value in ipairs(values) do reply[#reply + 1] = value end
for place, name in ipairs(names) do
  reply[#reply + 1] = name
  for _, value in ipairs(entries[place]) do reply[#reply + 1] = value end
end
return reply
