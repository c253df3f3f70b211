use otp_context::replay::{Lock, Throttle};

use crate::{AttemptId, ChargeRequest, RecordText, SpendRequest};

/// A stored credential, with the failures of its account.
///
/// A store calls [`Entry::new`], and then sets the fields that it read. Later versions may add
/// fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The key and the parameters.
    pub record: RecordText,
    /// Whether the type is HOTP, which selects the policy of a [`ChargeRequest`].
    pub hotp: bool,
    /// The number of characters of a code: 5 to 10.
    pub length: u8,
    /// A number that differs for every enrolment under this id, less than 2^63.
    pub generation: u64,
    /// Whether a first code has confirmed the credential.
    pub confirmed: bool,
    /// The lowest unspent counter.
    pub next: u64,
    /// How far the user's clock is known to be off, in steps. Negative: it is slow.
    pub drift: i16,
    /// The attempt that spent a counter last.
    pub attempt: Option<AttemptId>,
    /// The failures and the lock of the account, which all its credentials share.
    pub throttle: Throttle,
    /// The last charge of the account, unless it was taken back or a success came after it.
    pub last_charge: Option<LastCharge>,
}

/// The last charge of an account, with what a store needs to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCharge {
    /// The attempt that was charged.
    pub attempt: AttemptId,
    /// The lock before the charge, which the charge replaced.
    pub found: Lock,
}

impl Entry {
    /// Makes a credential without history: it is not confirmed, and no counter is spent.
    #[must_use]
    pub const fn new(record: RecordText, hotp: bool, length: u8, generation: u64) -> Self {
        Self {
            record,
            hotp,
            length,
            generation,
            confirmed: false,
            next: 0,
            drift: 0,
            attempt: None,
            throttle: Throttle::resume(0, Lock::Open),
            last_charge: None,
        }
    }

    /// Returns what a store keeps when it inserts this entry: the drift is 0, no attempt has spent
    /// a counter, and the throttle is that of a new account.
    #[must_use]
    pub fn enrolled(&self) -> Self {
        let mut entry = Self::new(self.record.clone(), self.hotp, self.length, self.generation);
        (entry.confirmed, entry.next) = (self.confirmed, self.next);
        entry
    }

    /// Replies to a [`ChargeRequest`], for stores that can hold a row while they compute.
    ///
    /// In one transaction that keeps other writers out, read the entry, call this, and write what
    /// changed:
    ///
    /// - [`ChargeReply::Permitted`]: the throttle and the last charge;
    /// - [`ChargeReply::Locked`]: the throttle, if it differs from the one that was read. So an
    ///   attempt on a locked account costs no write, unless its lock is shortened.
    pub fn charge(mut self, charge: &ChargeRequest) -> ChargeReply {
        match (charge.confirmed(), self.confirmed) {
            (true, false) => return ChargeReply::Unknown,
            (false, true) => return ChargeReply::Enrolled,
            _ => {}
        }
        if charge.length() != self.length {
            return ChargeReply::Malformed { length: self.length, throttle: self.throttle };
        }
        let policy = if self.hotp { charge.hotp_policy() } else { charge.totp_policy() };
        let found = self.throttle.lock();
        match self.throttle.charge(policy, charge.now()) {
            Ok(_) => {
                self.last_charge = Some(LastCharge { attempt: charge.attempt(), found });
                ChargeReply::Permitted(self)
            }
            Err(_) => ChargeReply::Locked(self.throttle),
        }
    }

    /// Replies to a [`SpendRequest`], in a transaction like that of [`Entry::charge`]. After
    /// [`SpendReply::Done`] write the entry, and the throttle and the last charge of its account.
    pub fn spend(&mut self, spend: &SpendRequest) -> SpendReply {
        if spend.generation() != self.generation {
            return SpendReply::Stale;
        }
        if self.next <= spend.counter() {
            self.next = spend.next();
            self.drift = spend.drift();
            self.attempt = Some(spend.attempt());
            self.confirmed = true;
            if spend.confirms() {
                let _ = self.take_back(spend.attempt());
            } else {
                self.throttle = Throttle::default();
                self.last_charge = None;
            }
            return SpendReply::Done;
        }
        let repeated = self.attempt == Some(spend.attempt()) && self.next == spend.next();
        if repeated { SpendReply::Done } else { SpendReply::Replayed }
    }

    /// Takes back the account's last charge, if this attempt made it: the failures and the lock
    /// become what the charge found. If it returns `true`, write the throttle and the last charge.
    ///
    /// Lowering the count, or comparing numbers, would take back another client's guess if a
    /// success came in between.
    pub fn take_back(&mut self, attempt: AttemptId) -> bool {
        LastCharge::take_back(&mut self.last_charge, &mut self.throttle, attempt)
    }
}

impl LastCharge {
    /// Takes back the last charge of an account, if `attempt` made it.
    pub(crate) fn take_back(
        last: &mut Option<Self>,
        throttle: &mut Throttle,
        attempt: AttemptId,
    ) -> bool {
        let Some(charge) = last.take_if(|charge| charge.attempt == attempt) else { return false };
        *throttle = Throttle::resume(throttle.failures().saturating_sub(1), charge.found);
        true
    }
}

/// A store's reply to a [`ChargeRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a permitted attempt should be evaluated"]
pub enum ChargeReply {
    /// The attempt is counted and committed. The entry is the credential, with the throttle that
    /// counts it.
    Permitted(Entry),
    /// The account is locked, so the attempt is not counted.
    ///
    /// If the clock was set back, the lock is shortened to the longest one of the policy, and
    /// stored.
    Locked(Throttle),
    /// Codes of this credential have another length, so the attempt is not counted.
    Malformed {
        /// The number of characters of a code of this credential.
        length: u8,
        /// The failures and the lock of the account.
        throttle: Throttle,
    },
    /// There is no such credential, or it is not confirmed yet.
    Unknown,
    /// The credential is already confirmed.
    Enrolled,
}

/// A store's reply to a [`SpendRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Done` may let the user in"]
pub enum SpendReply {
    /// This attempt has spent the counter, and the spend is committed.
    Done,
    /// The counter was spent before.
    Replayed,
    /// The credential was replaced.
    Stale,
    /// The credential was removed.
    Unknown,
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
    use otp_core::UnixTime;

    use super::{Entry, LastCharge};
    use crate::{AttemptId, RecordText};

    #[test]
    fn enrolled_entry_has_no_history() {
        let mut new = Entry::new(RecordText::new("{}".to_owned()), false, 6, 7);
        new.next = 9;
        let mut throttle = Throttle::default();
        assert!(throttle.charge(&ThrottlePolicy::unlimited(), UnixTime::from_secs(1)).is_ok());
        let attempt = AttemptId::from_bytes([1; 16]);
        let last_charge = Some(LastCharge { attempt, found: Lock::Hard });
        let attempt = Some(attempt);
        let mut old =
            Entry { confirmed: true, drift: 2, attempt, throttle, last_charge, ..new.clone() };
        assert_ne!(old.throttle, new.throttle);
        old = old.enrolled();
        assert_eq!(old, Entry { confirmed: true, ..new });
    }
}
