//! The laws of the conformance suite fail for stores that break them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

mod careless;
mod flaw;
mod recovery;
mod rows;

use std::collections::BTreeSet;
use std::panic;
use std::sync::Arc;
use std::time::Duration;

use otp_store::conformance;

use crate::flaw::Flaw;
use crate::rows::Careless;

/// Each flaw, and the laws that detect it.
const FOUND: &[(Flaw, &[&str])] = &[
    (
        Flaw::ReadCheckWrite,
        &["single_use_in_a_race", "highest_counter_wins_a_race", "spent_in_all_in_a_race"],
    ),
    (Flaw::CheckThenCount, &["strict_throttle"]),
    (Flaw::LookThenReseal, &["one_reseal_wins_a_race"]),
    (Flaw::NoGeneration, &["stale_generation", "large_generations", "agreement_with_the_model"]),
    (
        Flaw::OwnMemory,
        &["insert_and_find", "single_use", "drift_and_counter_kept", "crash_between_the_writes"],
    ),
    (
        Flaw::SpendsNothing,
        &[
            "single_use",
            "single_use_in_a_race",
            "lower_counter_never_returns",
            "drift_and_counter_kept",
            "repeated_spend",
            "large_counters",
            "errors_accept_no_code",
            "crash_between_the_writes",
            "agreement_with_the_model",
        ],
    ),
    (
        Flaw::LastCodeOnly,
        &["single_use", "lower_counter_never_returns", "highest_counter_wins_a_race"],
    ),
    (Flaw::NoAttempt, &["repeated_spend", "crash_between_the_writes"]),
    (Flaw::NewAttempt, &["repeated_spend", "crash_between_the_writes"]),
    (Flaw::RepeatsAll, &["repeated_spend", "agreement_with_the_model"]),
    (Flaw::NoDrift, &["drift_and_counter_kept", "agreement_with_the_model"]),
    (Flaw::Doubles, &["large_counters"]),
    (Flaw::DoubleGenerations, &["large_generations"]),
    (Flaw::CaseBlind, &["ids_kept_apart"]),
    (Flaw::Glued, &["ids_kept_apart", "removal"]),
    (Flaw::Unordered, &["ids_in_order"]),
    (Flaw::ByCredential, &["account_wide_throttle", "replacement", "removal"]),
    (Flaw::CountsMalformed, &["malformed_costs_nothing", "agreement_with_the_model"]),
    (Flaw::NoCut, &["clock_going_back", "agreement_with_the_model"]),
    (Flaw::ForgetsAhead, &["clock_going_back", "agreement_with_the_model"]),
    (Flaw::OnePolicy, &["policy_by_type"]),
    (Flaw::SoftLock, &["hard_lock", "agreement_with_the_model"]),
    (Flaw::Replaces, &["replacement", "agreement_with_the_model"]),
    (Flaw::FreshStart, &["replacement", "agreement_with_the_model"]),
    (Flaw::Ghost, &["removal", "agreement_with_the_model"]),
    (Flaw::Neighbour, &["removal"]),
    (Flaw::HalfUnlock, &["unlocking", "agreement_with_the_model"]),
    (Flaw::Unconfirmed, &["confirmation", "malformed_costs_nothing", "agreement_with_the_model"]),
    (Flaw::BlindReseal, &["reseal_by_compare_and_set", "one_reseal_wins_a_race"]),
    (
        Flaw::RolledBack,
        &[
            "strict_throttle",
            "account_wide_throttle",
            "hard_lock",
            "errors_accept_no_code",
            "crash_between_the_writes",
            "unlocking",
        ],
    ),
    (Flaw::Cuts, &["insert_and_find"]),
    (Flaw::LowersCount, &["charge_taken_back_while_last", "agreement_with_the_model"]),
    (Flaw::KeepsLock, &["charge_taken_back_while_last"]),
    (Flaw::ConfirmingClears, &["confirming_gives_nothing_back", "agreement_with_the_model"]),
    (Flaw::ForgetsAllDrift, &["drift_forgotten"]),
    (Flaw::CountsEach, &["account_charged_once", "guesses_are_spent"]),
    (Flaw::OneGuess, &["guesses_are_spent", "account_charged_once"]),
    (Flaw::SpendsFirst, &["spent_in_all"]),
    (Flaw::KeepsOldCodes, &["recovery_set_kept"]),
    (Flaw::LookThenDelete, &["recovery_code_spent_once_in_a_race"]),
    (Flaw::DeletesCode, &["recovery_code_spent_once"]),
    (Flaw::FreeRecovery, &["recovery_shares_the_throttle"]),
    (Flaw::OrphansCodes, &["recovery_set_kept", "trust_epoch_only_grows"]),
    (Flaw::ForgetsTrust, &["trust_epoch_only_grows", "agreement_with_the_model"]),
    (Flaw::CutsLockOut, &["lock_out_that_ends", "agreement_with_the_model"]),
    (Flaw::RestoresCodes, &["restored_account"]),
    (Flaw::RestoresOpen, &["restored_account"]),
    (Flaw::TornCopy, &["copy_of_one_moment"]),
    (Flaw::OffByOne, &["strict_throttle", "clock_going_back", "agreement_with_the_model"]),
];

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
