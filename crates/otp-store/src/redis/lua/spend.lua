-- A verification clears what is counted.
redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charged', '', 'found', '')
