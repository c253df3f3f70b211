//! The flaws of a store, and the laws that detect them.

/// Makes the flaws, and a table of the laws that detect each.
macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident: $($law:ident),*;)*) => {
        /// The flaw of a store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Flaw {
            $($(#[$doc])* $flaw,)*
        }

        /// Each flaw, and the laws that detect it.
        pub(crate) const FOUND: &[(Flaw, &[&str])] =
            &[$((Flaw::$flaw, &[$(stringify!($law)),*])),*];
    };
}

flaws! {
    /// Has no flaw.
    None:;
    /// Reads a row, checks, and writes it back.
    ReadCheckWrite: single_use_in_a_race, highest_counter_wins_a_race, spent_in_all_in_a_race;
    /// Checks the lock first, and counts later.
    CheckThenCount: strict_throttle;
    /// Reads a record first, and replaces it later.
    LookThenReseal: one_reseal_wins_a_race;
    /// Has no generation.
    NoGeneration: stale_generation, large_generations, agreement_with_the_model;
    /// Keeps spent counters in the memory of a handle.
    OwnMemory: insert_and_find, single_use, drift_and_counter_kept, crash_between_the_writes;
    /// Spends no counter.
    SpendsNothing: single_use, single_use_in_a_race, lower_counter_never_returns,
        drift_and_counter_kept, repeated_spend, large_counters, errors_accept_no_code,
        crash_between_the_writes, agreement_with_the_model;
    /// Refuses only the counter that was spent last.
    LastCodeOnly: single_use, lower_counter_never_returns, highest_counter_wins_a_race;
    /// Does not keep the attempt that spent last.
    NoAttempt: repeated_spend, crash_between_the_writes;
    /// Does a repeated spend again.
    RepeatsAll: repeated_spend, agreement_with_the_model;
    /// Keeps no drift.
    NoDrift: drift_and_counter_kept, agreement_with_the_model;
    /// Keeps counters in doubles.
    Doubles: large_counters, agreement_with_the_model;
    /// Keeps generations in doubles.
    DoubleGenerations: large_generations, agreement_with_the_model;
    /// Compares ids without case.
    CaseBlind: ids_kept_apart;
    /// Joins account and name without a separator.
    Glued: ids_kept_apart, removal;
    /// Lists in any order.
    Unordered: ids_in_order;
    /// Counts failures by credential.
    ByCredential: account_wide_throttle, replacement, removal;
    /// Counts codes of a wrong length.
    CountsMalformed: malformed_costs_nothing, agreement_with_the_model;
    /// Never shortens a wait.
    NoCut: clock_going_back, agreement_with_the_model;
    /// Takes a lock far in the future for one that has ended.
    ForgetsAhead: clock_going_back, agreement_with_the_model;
    /// Lets a hard lock end.
    SoftLock: hard_lock, agreement_with_the_model;
    /// Shortens a lock-out to the longest wait.
    CutsLockOut: lock_out_that_ends, agreement_with_the_model;
    /// Replaces a confirmed credential.
    Replaces: replacement, agreement_with_the_model;
    /// Clears failures with a new credential.
    FreshStart: replacement, agreement_with_the_model;
    /// Keeps the failures of an account without credentials.
    Ghost: removal, agreement_with_the_model;
    /// Keeps them only if another account's name begins with the removed one's.
    Neighbour: removal;
    /// Unlocks without clearing failures.
    HalfUnlock: unlocking, agreement_with_the_model;
    /// Lets an unconfirmed credential verify.
    Unconfirmed: confirmation, malformed_costs_nothing, agreement_with_the_model;
    /// Replaces any record.
    BlindReseal: reseal_by_compare_and_set, one_reseal_wins_a_race;
    /// Rolls a charge back after a wrong code.
    RolledBack: strict_throttle, account_wide_throttle, hard_lock, errors_accept_no_code,
        crash_between_the_writes, unlocking;
    /// Truncates long records.
    Cuts: insert_and_find;
    /// Takes the wait of the failures before this one.
    OffByOne: strict_throttle, clock_going_back, agreement_with_the_model;
    /// Takes a charge back by lowering the count.
    LowersCount: charge_taken_back_while_last, agreement_with_the_model;
    /// Takes a charge back without restoring its lock.
    KeepsLock: charge_taken_back_while_last;
    /// Clears the account's failures when a new credential is confirmed.
    ConfirmingClears: confirming_gives_nothing_back, agreement_with_the_model;
    /// Resets the drift of every credential of an account.
    ForgetsAllDrift: drift_forgotten;
    /// Reports a missing account row as an unknown account.
    SilentDamage:;
    /// Gives HOTP the policy of TOTP.
    OnePolicy: policy_by_type;
    /// Counts an attempt on an account for each of its credentials.
    CountsEach: account_charged_once, guesses_are_spent, agreement_with_the_model;
    /// Counts the guesses of one credential for an attempt on several.
    OneGuess: guesses_are_spent, account_charged_once, agreement_with_the_model;
    /// Spends a code of several credentials in the first.
    SpendsFirst: spent_in_all, agreement_with_the_model;
    /// Keeps the codes of an old set.
    KeepsOldCodes: recovery_set_kept, agreement_with_the_model;
    /// Looks for a recovery code first, and deletes it later.
    LookThenDelete: recovery_code_spent_once_in_a_race;
    /// Deletes a recovery code without keeping the attempt that spent it.
    DeletesCode: recovery_code_spent_once, agreement_with_the_model;
    /// Counts no attempt on recovery codes.
    FreeRecovery: recovery_shares_the_throttle, agreement_with_the_model;
    /// Forgets with a success that trust was revoked.
    ForgetsTrust: trust_epoch_only_grows, agreement_with_the_model;
    /// Deletes an account with its last credential, although it has recovery codes.
    OrphansCodes: recovery_set_kept, trust_epoch_only_grows, agreement_with_the_model;
    /// Restores recovery codes as unspent.
    RestoresCodes: restored_account;
    /// Restores an account without its failures.
    RestoresOpen: restored_account;
    /// Copies recovery codes later than the account that names them.
    TornCopy: copy_of_one_moment;
}

impl Flaw {
    /// Returns whether the flaw splits a call, so that other calls come between.
    pub(crate) fn leaves_a_gap(self, call: &str) -> bool {
        match self {
            Self::ReadCheckWrite => matches!(call, "spend" | "spend_all"),
            Self::CheckThenCount => call == "charge",
            Self::LookThenReseal => call == "reseal",
            Self::LookThenDelete => call == "spend_recovery",
            Self::TornCopy => call == "copy",
            _ => false,
        }
    }
}
