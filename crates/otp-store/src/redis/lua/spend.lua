-- Entry::spend_all, in one step. Nothing is written before every credential is read.
local reply, lock, entries = 'done', nil, {}
for place = 1, #KEYS - 2 do
  local answer, entry, found = spent(place)
  if type(answer) == 'table' or answer == 'unknown' then return answer end
  if answer and answer ~= 'done' then reply = answer end
  if entry then entries[place], lock = entry, found end
end
-- A verification clears what the account has counted. A repeated request changes nothing.
if reply == 'done' and next(entries) then
  if lock == 'open' then
    redis.call('HSET', KEYS[2], 'failures', '0', 'guesses', '0', 'charge', '')
  else
    redis.call('HSET', KEYS[2], 'failures', '0', 'guesses', '0', 'charge', '', 'lock', 'open')
  end
end
for place, entry in pairs(entries) do spend(place, entry) end
return reply
