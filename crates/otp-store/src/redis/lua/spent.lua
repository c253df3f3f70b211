if entry[3] == '1' and entry[4] == ARGV[6] then
  redis.call('HSET', KEYS[3], 'next', ARGV[5], 'attempt', attempt)
else
  redis.call('HSET', KEYS[3], 'next', ARGV[5], 'attempt', attempt, 'drift', ARGV[6], 'confirmed', '1')
end
return 'done'
