//! The life of a credential, from enrolment to the last attempt, through the verifier. The calls of
//! both verifiers have one text, so the scenes run on the blocking one, and `asynchronous` makes each call of
//! the other one.
#![cfg(test)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic_in_result_fn,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::string_slice
)]

mod accounts;
mod asynchronous;
mod attempt;
#[path = "../../src/calls.rs"]
mod calls;
mod codes;
mod drift;
mod events;
mod faults;
mod guessing;
mod keys;
mod lives;
mod recovery;
mod secrets;
mod site;
mod trust;

// The list of calls names the crate's types by its root.
use otp_store::*;
