redis.call('HSET', KEYS[3], 'next', ARGV[5], 'drift', ARGV[6], 'attempt', attempt, 'confirmed', '1')
return 'done'
