//! The core against the plain model.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::codes::check);
