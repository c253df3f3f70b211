-- Entry::charge_account, in one step.
local first, chosen, hotp = nil, {}, 0
for place, entry in ipairs(entries) do
  local length, confirmed, kind = entry[1], entry[2], entry[4]
  if confirmed ~= '0' and confirmed ~= '1' then return {'corrupt', 'confirmed'} end
  if (number(length, 10) or 0) < 5 then return {'corrupt', 'length'} end
  if kind ~= '0' and kind ~= '1' then return {'corrupt', 'hotp'} end
  if confirmed == '1' then
    first = first or length
    if length == ARGV[5] then
      chosen[#chosen + 1] = place
      hotp = hotp + kind
    end
  end
end
if not first then return {'unknown'} end
if #chosen == 0 then return {'malformed', first, account[1], account[2]} end
local totp = #chosen - hotp
