//! The `otp` command as functions: what it does is in its manual.

#![forbid(unsafe_code)]
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    reason = "a program always has std"
)]

mod batches;
mod cli;
mod commands;
mod damage;
mod database;
mod failure;
mod found;
mod identity;
mod imported;
mod input;
mod judgement;
mod kind;
mod lines;
mod location;
mod malformed;
mod names;
mod new_key;
mod number;
mod output;
mod parameters;
mod parse;
mod passlib_secrets;
mod picture;
mod place;
mod progress;
mod prompts;
mod remarks;
mod search;
mod server;
#[cfg(unix)]
mod silence;
mod subject;
mod terminal;
mod time;
mod usage;
mod wallet_file;
mod weak_key;

pub use crate::cli::{refusal, run};
