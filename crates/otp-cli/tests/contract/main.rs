//! The contract of the command: exit status, JSON fields, and secrets that never leave it. Each test
//! runs the built command as a user would.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::std_instead_of_alloc)]

mod accounts;
#[cfg(target_os = "linux")]
mod cases;
mod check;
mod convert;
mod database;
mod demo;
mod help;
mod hostile;
mod inspect;
mod inspect_vectors;
mod new;
mod otp;
mod pipe;
mod qr;
mod reading_cases;
#[cfg(target_os = "linux")]
mod readme;
mod resync;
mod rotation;
#[cfg(target_os = "linux")]
mod terminal;
mod vectors;
mod wallet;
