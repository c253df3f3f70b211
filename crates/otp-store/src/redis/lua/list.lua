-- KEYS[2]: an index. ARGV[2]: the place to start after, the most ids.
return redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', '0', ARGV[3])
