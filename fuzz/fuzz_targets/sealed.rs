//! Keys sealed at rest.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::sealed::check);
