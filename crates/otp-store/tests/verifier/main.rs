//! The life of a credential, from enrolment to the last attempt, through both verifiers.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic_in_result_fn,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

mod accounts;
mod attempt;
#[path = "../../src/calls.rs"]
mod calls;
mod codes;
mod drift;
mod driver;
mod events;
mod faults;
mod guessing;
mod keys;
mod lives;
mod recovery;
mod site;
mod trust;

// The list of calls names the crate's types by its root.
use otp_store::*;

/// Makes two tests of each scenario, one for each verifier.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        mod blocking {
            $(#[test] fn $name() { super::$name(crate::driver::Driver::Blocking); })*
        }
        mod asynchronous {
            $(#[test] fn $name() { super::$name(crate::driver::Driver::Async); })*
        }
    };
}
pub(crate) use scenarios;
