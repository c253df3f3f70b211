//! Every recorded outcome of passlib that concerns this crate is reproduced, or is a difference
//! that `exceptions.json` lists with its reason.
//!
//! URIs belong to otp-uri, and JSON and what is read from it to otp-serde.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::arithmetic_side_effects)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)]

mod context_era;
mod ledger;
mod miscellany;
mod recorded;
mod release;
mod verified;

use std::collections::BTreeSet;

use ledger::{Exceptions, Ledger};

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release::compare(&mut ledger);
    context_era::compare(&mut ledger);
    let exceptions: Exceptions = serde_json::from_str(include_str!("exceptions.json")).unwrap();
    let docs = include_str!("../../../../docs/guide/from-passlib.md");
    let reasons = docs.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next());
    let reasons: BTreeSet<_> = reasons.collect();
    assert!(exceptions.keys().eq(reasons), "each reason is explained, and there are no others");
    ledger.settle(&exceptions);
}
