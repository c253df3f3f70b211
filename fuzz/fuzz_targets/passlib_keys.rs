//! passlib's encrypted keys.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::passlib_keys::check);
