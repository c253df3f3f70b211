-- KEYS[2]: account, recovery codes, both indexes, the credential without a name, which may not exist,
-- and then each credential. ARGV[2]: the account's place in the index of recovery codes, failures,
-- lock, guesses, trust epoch, last charge, set ('' for none), the number of fields of the set, these
-- with their values, and then for each credential its place, its field, and its eight values.
-- Everything that can fail comes before the first write.
for place = 2, #KEYS do
  if place ~= 4 and place ~= 5 and redis.call('EXISTS', KEYS[place]) == 1 then return 'there' end
end
-- No place is empty, so these change nothing. They fail if a write to the indexes would.
redis.call('ZADD', KEYS[4], 'XX', 0, '')
redis.call('ZADD', KEYS[5], 'XX', 0, '')

redis.call('HSET', KEYS[2], 'failures', ARGV[3], 'lock', ARGV[4], 'guesses', ARGV[5],
  'trust', ARGV[6], 'charge', ARGV[7])
local at = 10
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[2], 'set', ARGV[8])
  for _ = 1, tonumber(ARGV[9]) do
    redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  redis.call('ZADD', KEYS[5], 0, ARGV[2])
end
for place = 7, #KEYS do
  redis.call('HSET', KEYS[place], 'length', ARGV[at + 2], 'confirmed', ARGV[at + 3],
    'record', ARGV[at + 4], 'hotp', ARGV[at + 5], 'generation', ARGV[at + 6], 'next', ARGV[at + 7],
    'drift', ARGV[at + 8], 'attempt', ARGV[at + 9])
  redis.call('HSET', KEYS[2], ARGV[at + 1], '')
  redis.call('ZADD', KEYS[4], 0, ARGV[at])
  at = at + 10
end
return 'done'
