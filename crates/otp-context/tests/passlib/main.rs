//! Every recorded outcome of passlib that concerns this crate is reproduced, or is a difference
//! that `exceptions.json` lists with its reason.
//!
//! URIs belong to otp-uri and JSON to otp-serde. The fields that those recordings also hold are
//! left to them.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod context_era;
mod exceptions;
mod grouping;
mod ledger;
mod miscellany;
mod recorded;
mod recording;
mod release;

use exceptions::exceptions;
use ledger::Ledger;
use recording::read;

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release::compare(&read("passlib-1.7.4.json"), &mut ledger);
    context_era::compare(&read("passlib-otpcontext.json"), &mut ledger);
    ledger.settle(&exceptions());
}
