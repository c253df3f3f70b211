//! Application secrets as text.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::secrets::check);
