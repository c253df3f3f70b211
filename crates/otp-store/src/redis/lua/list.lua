-- KEYS[2]: index. ARGV[2]: after which place, how many at most.
return redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', '0', ARGV[3])
