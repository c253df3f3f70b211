-- ARGV[3]: the attempt whose charge is taken back, if it is still the last of the account, whichever
-- of its credentials is named.
return take_back(ARGV[3])
