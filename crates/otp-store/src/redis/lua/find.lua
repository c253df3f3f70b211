if not there then return {'unknown'} end
return {'found', entry[3], entry[5], entry[1], entry[2], entry[4], entry[6], entry[7], entry[8],
  account[2], account[3], account[4]}
