//! The `otp` command: makes, checks and keeps one-time passwords.

#![forbid(unsafe_code)]
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "a program always has std"
)]

mod batches;
mod cli;
mod commands;
mod database;
mod failure;
mod input;
mod judgement;
mod kind;
mod lines;
mod malformed;
mod new_key;
mod number;
mod output;
mod parameters;
mod picture;
mod place;
mod progress;
mod record;
mod saying;
mod search;
mod subject;
mod time;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(&std::env::args_os().collect::<Vec<_>>())
}
