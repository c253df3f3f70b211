//! The contract of the command: exit status, JSON fields, and secrets that never leave it. Each test
//! runs the built command as a user would.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::std_instead_of_alloc)]

#[cfg(target_os = "linux")]
mod cases;
mod convert;
mod database;
mod demo;
mod help;
mod hostile;
mod inspect;
mod inspect_vectors;
mod otp;
mod parallel;
mod pipe;
mod qr;
mod reading_cases;
#[cfg(target_os = "linux")]
mod readme;
#[cfg(target_os = "linux")]
mod terminal;
mod vectors;
