//! Reading URIs.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::uri::check);
