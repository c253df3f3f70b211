if #names == 0 then return {'unknown'} end
local reply = {'found', unpack(account)}
for place, name in ipairs(names) do
  reply[#reply + 1] = name
  for _, value in ipairs(entries[place]) do reply[#reply + 1] = value end
end
return reply
