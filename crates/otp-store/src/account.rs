use otp_context::recovery::RecoverySetId;
use otp_context::replay::{Lock, Throttle};

use crate::{AttemptId, ChargeRequest};

/// What a store keeps of an account, for all its credentials.
///
/// A store begins with the default, and then sets the fields that it read. Later versions may add
/// fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The failures and the lock.
    pub throttle: Throttle,
    /// The counters that the codes of these failures were compared with, added up.
    pub guesses: u32,
    /// The last charge, unless it was taken back or a success came after it.
    pub last_charge: Option<LastCharge>,
    /// How often the trust in the account's browsers was revoked. It only grows.
    pub trust_epoch: u64,
    /// The account's set of recovery codes.
    pub recovery: Option<RecoverySetId>,
}

/// The last charge of an account, with what a store needs to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCharge {
    /// The attempt that was charged.
    pub attempt: AttemptId,
    /// The lock before the charge, which the charge replaced.
    pub found: Lock,
    /// The guesses before the charge.
    pub guesses: u32,
}

impl Account {
    /// Counts an attempt on this many TOTP and HOTP credentials. Returns `false`, and counts
    /// nothing, if it is not permitted. The lock may change then, too.
    pub(crate) fn count(&mut self, charge: &ChargeRequest, totp: usize, hotp: usize) -> bool {
        let found = *self;
        let policy = charge.policy(hotp > 0);
        if self.throttle.charge(policy, charge.now()).is_err() {
            return false;
        }
        let times = |count: usize, hotp| {
            charge.guesses(hotp).saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
        };
        let guesses = times(totp, false).saturating_add(times(hotp, true));
        // An attempt on recovery codes guesses at no counter.
        let exceeds = |spent: u32| {
            let within =
                spent.checked_add(guesses).is_some_and(|sum| sum <= charge.budget(hotp > 0));
            guesses > 0 && !within
        };
        let lock_out = policy.lock_out(charge.now());
        // The first attempt of a clean account is permitted, however many credentials it has. So is
        // one after a lock-out that has ended.
        if found.guesses > 0 && lock_out == Lock::Hard && exceeds(found.guesses) {
            self.throttle = Throttle::resume(found.throttle.failures(), Lock::Hard);
            return false;
        }
        self.guesses = found.guesses.saturating_add(guesses);
        if exceeds(self.guesses) {
            self.throttle = Throttle::resume(self.throttle.failures(), lock_out);
        }
        let attempt = charge.attempt();
        self.last_charge =
            Some(LastCharge { attempt, found: found.throttle.lock(), guesses: found.guesses });
        true
    }

    /// Clears what failed attempts left: failures, guesses, lock and last charge.
    pub fn clear(&mut self) {
        let Self { trust_epoch, recovery, .. } = *self;
        *self = Self { trust_epoch, recovery, ..Self::default() };
    }

    /// Takes back the last charge, if this attempt made it: the failures, the guesses and the lock
    /// become what the charge found. If it returns `true`, write the account.
    ///
    /// Lowering the count, or comparing numbers, would take back another client's guess if a
    /// success came in between.
    pub fn take_back(&mut self, attempt: AttemptId) -> bool {
        let last = self.last_charge.take_if(|charge| charge.attempt == attempt);
        let Some(charge) = last else { return false };
        let failures = self.throttle.failures().saturating_sub(1);
        self.throttle = Throttle::resume(failures, charge.found);
        self.guesses = charge.guesses;
        true
    }
}
