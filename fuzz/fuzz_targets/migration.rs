//! Exports of several accounts.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::migration::check);
