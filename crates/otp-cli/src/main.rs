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
mod identity;
mod input;
mod judgement;
mod kind;
mod lines;
mod location;
mod malformed;
mod new_key;
mod number;
mod output;
mod parameters;
mod picture;
mod place;
mod record;
mod saying;
mod server;
mod subject;
mod time;
mod usage;
mod wallet_file;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(&std::env::args_os().collect::<Vec<_>>())
}
