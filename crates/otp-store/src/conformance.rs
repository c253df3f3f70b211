//! The laws that every store must keep, as tests.
//!
//! To test a store of your own, call the macro once, in its tests:
//!
//! ```
//! use std::sync::Arc;
//!
//! use otp_store::Memory;
//!
//! otp_store::conformance!(memory, {
//!     let store = Arc::new(Memory::new(10_000));
//!     move || Arc::clone(&store)
//! });
//! # fn main() {}
//! ```
//!
//! The expression is a closure that opens the store. It is evaluated once for each law. The closure
//! is called once for each handle, and all handles of a law must lead to one database, as those of
//! several processes would. The database may hold other credentials. Each law uses accounts of its
//! own, whose names begin with `conformance-`, and leaves them behind. For an
//! [`AsyncStore`](crate::AsyncStore) open a `Blocking`, with feature `blocking`.
//!
//! A law is a function. If the store breaks it, the function panics with the reason:
//!
//! ```
//! use otp_store::{Memory, conformance};
//!
//! let store = Memory::new(10_000);
//! conformance::single_use(|| &store);
//! ```
//!
//! Two laws need more than this closure, so the macro does not run them. Call them in a test of
//! your own: [`opening_creates_nothing`](fn@crate::conformance::opening_creates_nothing) and
//! [`damage_is_said`](fn@crate::conformance::damage_is_said).
//!
//! A store may refuse counters from 2^63 on, and times above 2^53 - 2^32, with
//! [`Error::TooLarge`](crate::Error).
//! [Transient](crate::Error::is_transient) errors are retried, as a verifier does.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a law that is broken panics, and is for tests alone"
)]

mod accounts;
mod agreement;
mod charges;
mod copying;
mod crash;
mod credentials;
mod faulty;
mod guessing;
mod ids;
mod model;
mod numbers;
mod race;
mod random;
mod recovery;
mod spending;
mod subject;
mod trust;

pub use self::accounts::{
    account_charged_once, guesses_are_spent, spent_in_all, spent_in_all_in_a_race,
};
pub use self::agreement::agreement_with_the_model;
pub use self::charges::{
    charge_taken_back_while_last, confirming_gives_nothing_back, damage_is_said, drift_forgotten,
    opening_creates_nothing,
};
pub use self::copying::{copy_of_one_moment, restored_account};
pub use self::crash::{crash_between_the_writes, errors_accept_no_code};
pub use self::credentials::{
    confirmation, insert_and_find, removal, replacement, reseal_by_compare_and_set, unlocking,
};
pub use self::faulty::{Fault, Faulty};
pub use self::guessing::{
    account_wide_throttle, clock_going_back, hard_lock, lock_out_that_ends,
    malformed_costs_nothing, policy_by_type, strict_throttle,
};
pub use self::ids::{ids_in_order, ids_kept_apart};
pub use self::numbers::{large_counters, large_generations};
pub use self::race::{highest_counter_wins_a_race, one_reseal_wins_a_race, single_use_in_a_race};
pub use self::recovery::{
    recovery_code_spent_once, recovery_code_spent_once_in_a_race, recovery_set_kept,
    recovery_shares_the_throttle,
};
pub use self::spending::{
    drift_and_counter_kept, lower_counter_never_returns, repeated_spend, single_use,
    stale_generation,
};
pub use self::trust::trust_epoch_only_grows;

/// Makes a module with a test for each law of [`conformance`](mod@crate::conformance). Takes the
/// name of the module, and a closure that opens the store.
#[macro_export]
macro_rules! conformance {
    // Passes the tokens before and every law to another macro.
    (@laws [$($macro:tt)*] $($before:tt)*) => {
        $($macro)*! {
            $($before)*
            insert_and_find,
            replacement,
            confirmation,
            removal,
            unlocking,
            reseal_by_compare_and_set,
            ids_kept_apart,
            ids_in_order,
            single_use,
            lower_counter_never_returns,
            drift_and_counter_kept,
            repeated_spend,
            stale_generation,
            single_use_in_a_race,
            highest_counter_wins_a_race,
            one_reseal_wins_a_race,
            strict_throttle,
            account_wide_throttle,
            malformed_costs_nothing,
            clock_going_back,
            hard_lock,
            lock_out_that_ends,
            policy_by_type,
            charge_taken_back_while_last,
            confirming_gives_nothing_back,
            drift_forgotten,
            account_charged_once,
            guesses_are_spent,
            spent_in_all,
            spent_in_all_in_a_race,
            recovery_set_kept,
            recovery_code_spent_once,
            recovery_code_spent_once_in_a_race,
            recovery_shares_the_throttle,
            trust_epoch_only_grows,
            restored_account,
            copy_of_one_moment,
            large_counters,
            large_generations,
            errors_accept_no_code,
            crash_between_the_writes,
            agreement_with_the_model,
        }
    };
    (@tests $name:ident, $open:expr, $($law:ident),* $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(
                #[test]
                fn $law() {
                    $crate::conformance::$law($open);
                }
            )*
        }
    };
    ($name:ident, $open:expr $(,)?) => {
        $crate::conformance!(@laws [$crate::conformance] @tests $name, $open,);
    };
}

macro_rules! by_name {
    ($($law:ident),* $(,)?) => {
        /// Returns every law with its name, to run the laws outside tests.
        #[must_use]
        pub fn laws<S, O>() -> Vec<(&'static str, fn(&O))>
        where
            S: crate::Store + Sync,
            O: Fn() -> S + Sync,
        {
            vec![$((stringify!($law), |open: &O| $law(open))),*]
        }
    };
}

conformance!(@laws [by_name]);
