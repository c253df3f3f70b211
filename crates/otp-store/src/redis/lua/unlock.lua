if #names == 0 and not account[5] then return 'unknown' end
clear()
return 'done'
