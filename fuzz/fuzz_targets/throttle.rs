//! Counting failures.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::throttle::check);
