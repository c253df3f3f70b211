-- ARGV[3]: the attempt whose charge to take back, if it is still the last of the account.
return take_back(ARGV[3])
