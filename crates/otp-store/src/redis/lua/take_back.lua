-- ARGV[3]: the attempt whose charge to take back, if it is still the last of the account. Any
-- credential of the account may be named.
return take_back(ARGV[3])
