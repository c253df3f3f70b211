-- Deletes an account of schema 1 whose credentials are moved. KEYS[2]: it.
if not redis.call('HGET', KEYS[2], 'failures') then return 'unknown' end
redis.call('DEL', KEYS[2])
return 'done'
