-- RecoveryEntry::charge, in one step.
if not set then return {'unknown'} end
local totp, hotp = 0, 0
