//! The command's contract: exit status, JSON fields, and what never leaves it. Each test runs the
//! built command as a user would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that fails panics"
)]

mod account;
mod code;
mod convert;
mod demo;
mod hostile;
mod inspect;
mod inspect_vectors;
mod matching;
mod new;
mod otp;
mod pipe;
mod qr;
mod record;
mod selftest;
mod vectors;
