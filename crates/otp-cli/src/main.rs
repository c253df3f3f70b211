//! The `otp` command: makes, checks and keeps one-time passwords.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    otp_cli::run(&std::env::args_os().collect::<Vec<_>>())
}
