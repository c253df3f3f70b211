local answer, entry = spent(1)
if answer then return answer end
-- A confirmation takes back only its own charge.
local back = take_back(ARGV[7])
if back ~= 'done' and back ~= 'unknown' then return back end
spend(1, entry)
return 'done'
