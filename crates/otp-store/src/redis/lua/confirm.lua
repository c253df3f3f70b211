-- A confirmation takes back only its own charge.
local back = take_back(attempt)
if back ~= 'done' and back ~= 'unknown' then return back end
