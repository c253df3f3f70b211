use core::fmt;

use otp_context::replay::{Lock, Throttle};
use otp_context::wallet::{Reseal, Tag};
use otp_core::Rejected;
use otp_uri::Kind;

/// What became of a code.
#[derive(Debug)]
#[must_use = "only `Accepted` may let anybody in"]
pub enum Verdict {
    /// It was right and is spent: let them in.
    Accepted(Accepted),
    /// It was not accepted.
    Rejected(Rejection),
    /// It was not even looked at, since attempts must wait.
    Locked(Throttle),
}

/// Proof that a code was right and that its counter is spent in the store, for good.
///
/// Only a [`Verifier`](crate::Verifier) or [`AsyncVerifier`](crate::AsyncVerifier) makes one, once
/// its store has said that the counter is spent, and it cannot be copied: never cache the answer,
/// it holds once.
///
/// ```compile_fail,E0599
/// fn twice(accepted: otp_store::Accepted) {
///     let _again = accepted.clone();
/// }
/// ```
///
/// ```compile_fail,E0451
/// let _forged =
///     otp_store::Accepted { counter: 1, drift: 0, failures_before: 0, reseal: None };
/// ```
#[derive(Debug)]
#[must_use = "this is what lets them in"]
pub struct Accepted {
    counter: u64,
    drift: i32,
    failures_before: u32,
    reseal: Option<Reseal>,
}

impl Accepted {
    pub(crate) const fn new(
        counter: u64,
        drift: i32,
        failures_before: u32,
        reseal: Option<Reseal>,
    ) -> Self {
        Self { counter, drift, failures_before, reseal }
    }

    /// The counter that was spent, and every lower one with it.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// How far the user's clock or counter was off, in steps; negative is behind.
    #[must_use]
    pub const fn drift(&self) -> i32 {
        self.drift
    }

    /// Failed attempts since the last success: if there were any, tell the user.
    #[must_use]
    pub const fn failures_before(&self) -> u32 {
        self.failures_before
    }

    /// Why the key should be sealed anew, if so: [`Verifier::reseal`](crate::Verifier::reseal).
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        self.reseal
    }
}

/// Why a code was not accepted, and what that did to the next attempt.
///
/// `Display` is one text for every reason, fit for the user. Failures and lock are not, unless he
/// has shown a first factor: an account that does not exist has none, however often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    throttle: Throttle,
}

impl Rejection {
    pub(crate) const fn new(reason: Reason, throttle: Throttle) -> Self {
        Self { reason, throttle }
    }

    /// Why, for the log. Tell the user no more than that the code was not accepted.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Failed attempts since the last success, this one included unless it was malformed. Always 0
    /// where there is no such credential, which tells a stranger so.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.throttle.failures()
    }

    /// When the next attempt may be made. Always at once where there is no such credential, which
    /// tells a stranger so.
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.throttle.lock()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever the reason: that of a code has the words for all.
        Rejected::Mismatch.fmt(f)
    }
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The code itself: malformed, no match, used already, or none left.
    Code(Rejected),
    /// There is no such credential, or it is not confirmed yet.
    Unknown,
    /// The credential was replaced while the code was looked at.
    Stale,
}

impl Reason {
    /// The reason in one word, for logs and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code(rejected) => rejected.reason(),
            Self::Unknown => "unknown",
            Self::Stale => "stale",
        }
    }
}

/// Where a credential stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub(crate) kind: Kind,
    pub(crate) tag: Option<Tag>,
    pub(crate) confirmed: bool,
    pub(crate) next: u64,
    pub(crate) drift: i16,
    pub(crate) throttle: Throttle,
}

impl Status {
    /// What codes it makes; of HOTP, with the next counter.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The tag of the application secret that its key is sealed under, if it is sealed.
    #[must_use]
    pub const fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// Whether the user has shown a first code.
    #[must_use]
    pub const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// The lowest unspent counter.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// How far the user's clock is known to be off, in steps; negative is behind.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.drift
    }

    /// Failures of the account, and the lock that follows from them.
    #[must_use]
    pub const fn throttle(&self) -> Throttle {
        self.throttle
    }
}

/// What became of sealing a key anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it may not have been done"]
pub enum Resealed {
    /// It was due, and is done.
    Done,
    /// It was not due.
    NotDue,
    /// Somebody else changed the record meanwhile, and his stays.
    Lost,
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Throttle};
    use otp_core::{Malformed, Rejected, UnixTime};

    use super::{Reason, Rejection};

    #[test]
    fn a_rejection_says_the_same_whatever_the_reason() {
        let throttle = Throttle::resume(4, Lock::Until(UnixTime::from_secs(9)));
        for reason in [
            Reason::Unknown,
            Reason::Stale,
            Reason::Code(Rejected::Mismatch),
            Reason::Code(Rejected::Replayed),
            Reason::Code(Rejected::Exhausted),
            Reason::Code(Malformed::Length { expected: 6 }.into()),
        ] {
            for throttle in [throttle, Throttle::default()] {
                let text = Rejection::new(reason, throttle).to_string();
                assert_eq!(text, "code not accepted", "{reason:?}");
            }
        }
    }
}
