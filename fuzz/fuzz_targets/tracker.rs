//! Spending counters.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::tracker::check);
