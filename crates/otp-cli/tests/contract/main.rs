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

mod account;
mod administration;
mod check;
mod code;
mod convert;
mod database;
mod demo;
mod help;
mod hostile;
mod inspect;
mod inspect_vectors;
mod losses;
mod matching;
mod names;
mod new;
mod operating;
mod otp;
mod pages;
mod pipe;
mod places;
mod qr;
mod reading_cases;
mod readme;
mod record;
mod resync;
mod rotation;
mod selftest;
#[cfg(target_os = "linux")]
mod terminal;
mod vectors;
mod wallet;
