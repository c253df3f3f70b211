-- ARGV[2]: the next schema.
redis.call('SET', KEYS[1], ARGV[2])
return 'done'
