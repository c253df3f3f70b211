-- Begins every script. KEYS[1]: schema. ARGV[1]: the schema that the connection has read.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('SCHEMA differs') end
