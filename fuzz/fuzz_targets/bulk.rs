//! Bulk engines against the core.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::bulk::check);
