//! The `otp` command as functions, for its binary and for tests of documents.
//!
//! To write a program, depend on `otp-store`, `otp-uri` or `otp-core`. The manual of the command is
//! the README of this crate.

#![forbid(unsafe_code)]
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "a program always has std"
)]

mod accounts;
mod cli;
mod commands;
mod definition;
mod failure;
mod input;
mod output;
mod usage;

pub use crate::cli::{refusal, run};
