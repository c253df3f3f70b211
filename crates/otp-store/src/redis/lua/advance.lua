-- Entry::advance, in one step. ARGV[3]: generation, counter, next, drift, attempt, whether it
-- confirms.
if not there then return 'unknown' end
local generation, stored, counter, attempt = entry[4], entry[6], ARGV[4], ARGV[7]
if generation ~= ARGV[3] then return 'stale' end
if not stored or not string.match(stored, '^%d+$') then return {'corrupt', 'counter'} end

-- Counters need all of 64 bits, of which a double has 53: they are compared as decimal text.
if #stored < #counter or (#stored == #counter and stored <= counter) then
  if ARGV[8] == '1' then
    local back = take_back(attempt)
    if back ~= 'done' and back ~= 'unknown' then return back end
  else
    redis.call('HSET', KEYS[2], 'failures', '0', 'lock', 'open', 'charged', '', 'found', '')
  end
  redis.call('HSET', KEYS[3], 'next', ARGV[5], 'drift', ARGV[6], 'attempt', attempt,
    'confirmed', '1')
  return 'done'
end
-- Second line: only a counter that was raised by hand makes an attempt lie with another one.
if entry[8] == attempt and stored == ARGV[5] then return 'done' end
return 'replayed'
