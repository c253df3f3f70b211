-- Deletes an account of schema 1 after its credentials have moved. KEYS[2]: account.
if not redis.call('HGET', KEYS[2], 'failures') then return 'unknown' end
redis.call('DEL', KEYS[2])
return 'done'
