//! A credential's whole life.

#![cfg_attr(fuzzing, no_main)]

otp_fuzz::target!(otp_fuzz::credential::check);
