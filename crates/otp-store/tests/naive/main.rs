//! The laws of the conformance suite fail for stores that break them.
#![cfg(test)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

#[path = "../../src/calls.rs"]
mod calls;
mod careless;
mod edits;
mod flaw;
mod request;

use std::collections::BTreeSet;
use std::panic;
use std::sync::Arc;
use std::time::Duration;

// The list of calls names the crate's types by its root.
use otp_store::*;

use crate::careless::Careless;
use crate::flaw::{FOUND, Flaw};

/// The gaps of a flaw in milliseconds, tried in order until the laws detect it. On a busy machine
/// other threads may be too late for a short gap.
const GAPS: [u64; 4] = [4, 40, 400, 4_000];

fn breaks(flaw: Flaw, gap: u64, law: &str) -> bool {
    let gap = Duration::from_millis(gap);
    let opened = || {
        let new = move || Arc::new(Careless::new(flaw).with_gap(gap));
        let store = new();
        move || match flaw {
            Flaw::OwnMemory => new(),
            _ => Arc::clone(&store),
        }
    };
    let laws = conformance::laws();
    let (_, law) = laws.iter().find(|(name, _)| *name == law).unwrap();
    panic::catch_unwind(|| law(&opened())).is_err()
}

#[test]
fn store_without_a_flaw_keeps_every_law() {
    for (law, _) in conformance::laws::<Careless, fn() -> Careless>() {
        assert!(!breaks(Flaw::None, 0, law), "{law}");
    }
}

#[test]
fn every_flaw_is_detected() {
    for (flaw, laws) in FOUND {
        for law in *laws {
            assert!(GAPS.iter().any(|gap| breaks(*flaw, *gap, law)), "{flaw:?} passes {law}");
        }
    }
}

#[test]
fn every_law_detects_a_flaw() {
    let found: BTreeSet<_> = FOUND.iter().flat_map(|(_, laws)| laws.iter().copied()).collect();
    let laws = conformance::laws::<Careless, fn() -> Careless>();
    assert_eq!(found, laws.iter().map(|(name, _)| *name).collect());
}

#[test]
fn silent_damage_is_detected() {
    let breaks = |flaw| {
        let store = Careless::new(flaw);
        let law = || conformance::damage_is_said(|| &store, |id| store.damage(id));
        panic::catch_unwind(panic::AssertUnwindSafe(law)).is_err()
    };
    assert!(!breaks(Flaw::None));
    assert!(breaks(Flaw::SilentDamage));
}

#[test]
fn store_that_creates_on_opening_is_detected() {
    let law = || conformance::opening_creates_nothing(|| Ok(Careless::new(Flaw::None)));
    assert!(panic::catch_unwind(law).is_err());
}
