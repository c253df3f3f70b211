//! The `otp` command as functions: what it does is in its manual.

#![forbid(unsafe_code)]
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "a program always has std"
)]

mod accounts;
mod cli;
mod commands;
mod failure;
mod input;
mod output;
mod usage;

pub use crate::cli::{refusal, run};
