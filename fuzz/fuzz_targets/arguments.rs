//! The command's arguments.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::arguments::check);
