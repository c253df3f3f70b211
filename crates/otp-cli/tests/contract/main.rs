//! The contract of the command: exit status, JSON fields, and secrets that never leave it. Each test
//! runs the built command as a user would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that fails panics"
)]
#![allow(clippy::std_instead_of_alloc, reason = "a test always has std")]

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
