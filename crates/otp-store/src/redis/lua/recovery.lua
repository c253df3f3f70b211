if not set then return {'unknown'} end
return {'found', account[1], account[2], account[3], account[4], account[5], account[6], key,
  string.format('%d', left)}
