-- Tries every command that an account needs, on a scratch key. Returns each that fails, with its
-- error. KEYS[2]: scratch.
local failed, key = {}, KEYS[2]
for _, command in ipairs({
  {'EXISTS', key}, {'DEL', key}, {'HSET', key, 'field', ''}, {'HMGET', key, 'field'},
  {'HKEYS', key}, {'HDEL', key, 'field'}, {'ZADD', key, '0', 'place'},
  {'ZRANGEBYLEX', key, '-', '+'}, {'ZREM', key, 'place'},
}) do
  local answer = redis.pcall(unpack(command))
  if type(answer) == 'table' and answer.err then
    failed[#failed + 1] = command[1]
    failed[#failed + 1] = answer.err
    -- Without the right to DEL nothing is written.
    if command[1] == 'DEL' then break end
  elseif command[1] == 'EXISTS' and answer == 1 then
    return redis.error_reply('WRONGTYPE foreign key')
  end
end
if #failed > 0 then redis.pcall('DEL', key) end
return failed
