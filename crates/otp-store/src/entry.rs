use otp_context::{Advance, AttemptId, Charge, Throttle};
use otp_uri::Kind;

use crate::RecordText;

/// What a store keeps of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Entry {
    /// A credential that nobody has confirmed yet.
    pub(crate) fn new(record: RecordText, kind: Kind, next: u64, generation: u64) -> Self {
        Self {
            record,
            hotp: matches!(kind, Kind::Hotp { .. }),
            length: kind.format().length(),
            generation,
            confirmed: false,
            next,
            drift: 0,
            attempt: None,
            throttle: Throttle::default(),
        }
    }

    /// What a store keeps of it when it is inserted: nothing is known of its user's clock, and no
    /// attempt has advanced it.
    #[must_use]
    pub fn enrolled(&self) -> Self {
        Self { drift: 0, attempt: None, throttle: Throttle::default(), ..self.clone() }
    }

    /// Does what a [`Charge`] asks, for stores that can hold a row while they compute: read the
    /// entry, call this, and if it says [`Charged::Permitted`] or [`Charged::Locked`] with another
    /// throttle than was read, write that, all in one transaction that keeps other writers out. An
    /// attempt on a locked account so costs no write, unless its lock is cut.
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
        match self.throttle.charge(policy, charge.now()) {
            Ok(_) => Charged::Permitted(self),
            Err(_) => Charged::Locked(self.throttle),
        }
    }

    /// Does what an [`Advance`] asks, likewise: if it says [`Advanced::Done`] write the entry, and
    /// the throttle of its account with it.
    pub fn advance(&mut self, advance: &Advance) -> Advanced {
        if advance.generation() != self.generation {
            return Advanced::Stale;
        }
        if self.next <= advance.counter() {
            self.next = advance.next();
            self.drift = advance.drift();
            self.attempt = Some(advance.attempt());
            self.confirmed = true;
            self.throttle = Throttle::default();
            return Advanced::Done;
        }
        let repeated = self.attempt == Some(advance.attempt()) && self.next == advance.next();
        if repeated { Advanced::Done } else { Advanced::Replayed }
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
    use otp_context::{AttemptId, Policy, Throttle};
    use otp_core::UnixTime;
    use otp_uri::Kind;

    use super::Entry;
    use crate::RecordText;

    #[test]
    fn what_is_enrolled_has_no_history() {
        let new = Entry::new(RecordText::new("{}".to_owned()), Kind::default(), 9, 7);
        let mut throttle = Throttle::default();
        assert!(throttle.charge(&Policy::unlimited(), UnixTime::from_secs(1)).is_ok());
        let attempt = Some(AttemptId::from_bytes([1; 16]));
        let mut old = Entry { confirmed: true, drift: 2, attempt, throttle, ..new.clone() };
        assert_ne!(old.throttle, new.throttle);
        old = old.enrolled();
        assert_eq!(old, Entry { confirmed: true, ..new });
    }
}
