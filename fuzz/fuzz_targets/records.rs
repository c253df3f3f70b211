//! Stored forms of values.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::records::check);
