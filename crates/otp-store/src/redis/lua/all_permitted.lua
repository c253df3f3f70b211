local reply = {'permitted', failures, lock, guesses, account[4], account[5], before}
for _, place in ipairs(chosen) do
  reply[#reply + 1] = names[place]
  for field = 3, 8 do reply[#reply + 1] = entries[place][field] end
end
return reply
