use otp_context::replay::{Lock, Throttle};

use crate::{Advance, AttemptId, Charge, RecordText};

/// What a store keeps of a credential.
///
/// A store makes one with [`Entry::new`] and then sets the fields that it read. Fields will be added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its key and its parameters.
    pub record: RecordText,
    /// Whether it is HOTP, which chooses the policy of a [`Charge`].
    pub hotp: bool,
    /// How many characters its codes have: 5 to 10.
    pub length: u8,
    /// Another number for every enrolment under this id, less than 2^63.
    pub generation: u64,
    /// Whether the user has shown a first code.
    pub confirmed: bool,
    /// The lowest unspent counter.
    pub next: u64,
    /// How far the user's clock is known to be off, in steps; negative is behind.
    pub drift: i16,
    /// The attempt that advanced it last.
    pub attempt: Option<AttemptId>,
    /// Failures and the lock that follows from them: the account's, shared by its credentials.
    pub throttle: Throttle,
    /// The charge that was counted last, unless it was taken back or a success came after it: the
    /// account's, too.
    pub last_charge: Option<LastCharge>,
}

/// The charge of an account that was counted last, and what is needed to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCharge {
    /// The attempt that was charged.
    pub attempt: AttemptId,
    /// The lock that the charge found, and replaced.
    pub found: Lock,
}

impl Entry {
    /// A credential that is not confirmed, has spent nothing and has no history.
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

    /// Returns what a store keeps when it inserts this entry: drift is 0, no attempt has advanced it,
    /// and the throttle is that of a new account.
    #[must_use]
    pub fn enrolled(&self) -> Self {
        let mut entry = Self::new(self.record.clone(), self.hotp, self.length, self.generation);
        (entry.confirmed, entry.next) = (self.confirmed, self.next);
        entry
    }

    /// Does what a [`Charge`] asks, for stores that can hold a row while they compute: read the
    /// entry, call this, and if it says [`Charged::Permitted`] or [`Charged::Locked`] with another
    /// throttle than was read, write that, all in one transaction that keeps other writers out.
    /// With [`Charged::Permitted`] write the last charge, too. An attempt on a locked account so
    /// costs no write, unless its lock is cut.
    pub fn charge(mut self, charge: &Charge) -> Charged {
        match (charge.confirmed(), self.confirmed) {
            (true, false) => return Charged::Unknown,
            (false, true) => return Charged::Enrolled,
            _ => {}
        }
        if charge.length() != self.length {
            return Charged::Malformed { length: self.length, throttle: self.throttle };
        }
        let policy = if self.hotp { charge.hotp_policy() } else { charge.totp_policy() };
        let found = self.throttle.lock();
        match self.throttle.charge(policy, charge.now()) {
            Ok(_) => {
                self.last_charge = Some(LastCharge { attempt: charge.attempt(), found });
                Charged::Permitted(self)
            }
            Err(_) => Charged::Locked(self.throttle),
        }
    }

    /// Does what an [`Advance`] asks, likewise: if it says [`Advanced::Done`] write the entry, and
    /// the throttle and the last charge of its account with it.
    pub fn advance(&mut self, advance: &Advance) -> Advanced {
        if advance.generation() != self.generation {
            return Advanced::Stale;
        }
        if self.next <= advance.counter() {
            self.next = advance.next();
            self.drift = advance.drift();
            self.attempt = Some(advance.attempt());
            self.confirmed = true;
            if advance.confirms() {
                let _ = self.take_back(advance.attempt());
            } else {
                self.throttle = Throttle::default();
                self.last_charge = None;
            }
            return Advanced::Done;
        }
        let repeated = self.attempt == Some(advance.attempt()) && self.next == advance.next();
        if repeated { Advanced::Done } else { Advanced::Replayed }
    }

    /// Takes the account's last charge back, if it is still that of this attempt: the failures and
    /// the lock become what the charge found. If it says `true`, write the throttle and the last
    /// charge.
    ///
    /// A count that is merely lowered, or numbers that are compared, would give another client's
    /// guess back after a success in between.
    pub fn take_back(&mut self, attempt: AttemptId) -> bool {
        LastCharge::take_back(&mut self.last_charge, &mut self.throttle, attempt)
    }
}

impl LastCharge {
    /// Takes the last charge of an account back, if it is that of an attempt.
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

/// What became of a [`Charge`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an attempt that is charged should be evaluated"]
pub enum Charged {
    /// The attempt is counted, for good; here is the credential, with the throttle that counts it.
    Permitted(Entry),
    /// It is not counted, since attempts must wait.
    ///
    /// If the clock went back, the wait is cut to the policy's, and that is stored.
    Locked(Throttle),
    /// It is not counted, since codes of this credential have another length.
    Malformed {
        /// How many characters they have.
        length: u8,
        /// Failures and lock as they are.
        throttle: Throttle,
    },
    /// There is no such credential, or it is to be confirmed first.
    Unknown,
    /// The credential was to be confirmed, and is already.
    Enrolled,
}

/// What became of an [`Advance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Done` may let anybody in"]
pub enum Advanced {
    /// The counter is spent, for good, by this attempt and no other.
    Done,
    /// It was spent already.
    Replayed,
    /// The credential is another one by now.
    Stale,
    /// There is no such credential any more.
    Unknown,
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Policy, Throttle};
    use otp_core::UnixTime;

    use super::{Entry, LastCharge};
    use crate::{AttemptId, RecordText};

    #[test]
    fn enrolled_entry_has_no_history() {
        let mut new = Entry::new(RecordText::new("{}".to_owned()), false, 6, 7);
        new.next = 9;
        let mut throttle = Throttle::default();
        assert!(throttle.charge(&Policy::unlimited(), UnixTime::from_secs(1)).is_ok());
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
