//! Every recorded outcome of passlib that concerns this crate is reproduced, or is a difference
//! that `exceptions.json` lists with its reason.
//!
//! URIs belong to otp-uri, and JSON and what is read from it to otp-serde.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod context_era;
mod ledger;
mod miscellany;
mod recorded;
mod release;
mod verified;

use ledger::{Exceptions, Ledger};

/// Every reason there may be for a difference. `docs/guide/from-passlib.md` explains each.
const REASONS: [&str; 23] = [
    "clock-never-rewinds",
    "closed-algorithms",
    "defaults-round-trip",
    "duplicate-tag",
    "early-times",
    "empty-key",
    "highest-is-spent",
    "integer-code",
    "long-key",
    "more-spellings",
    "negative-number",
    "no-start",
    "no-such-text",
    "offset-is-a-range",
    "plain-key-is-changed",
    "predecessor-encoding",
    "replayed-not-wrong",
    "reuse-changes-nothing",
    "separators",
    "unicode-digits",
    "valid-within-its-step",
    "weak-key",
    "whole-seconds",
];

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release::compare(&mut ledger);
    context_era::compare(&mut ledger);
    let exceptions: Exceptions = serde_json::from_str(include_str!("exceptions.json")).unwrap();
    assert!(exceptions.keys().eq(REASONS), "the reasons are a closed list");
    let docs = include_str!("../../../../docs/guide/from-passlib.md");
    for reason in REASONS {
        assert!(docs.contains(&format!("`{reason}`")), "{reason} is not explained");
    }
    ledger.settle(&exceptions);
}
