use core::fmt;

use otp_context::recovery::MalformedRecoveryCode;
use otp_context::replay::{Lock, Throttle};
use otp_context::wallet::{Reseal, Tag};
use otp_core::{Rejected, UnixTime};
use otp_uri::OtpKind;

use crate::{AccountId, CredentialId};

/// The verdict on a typed code.
#[derive(Debug)]
#[must_use = "only `Accepted` may let the user in"]
pub enum Verdict {
    /// The code was right, and its counter is spent: let the user in.
    Accepted(Accepted),
    /// The code was not accepted.
    Rejected(Rejection),
    /// The account is locked, so the code was not compared ([`Throttle::retry_after`]).
    Locked(Throttle),
}

/// Proof that a code was right and that the store has spent its counter.
///
/// Only a [`Verifier`](crate::Verifier) or [`AsyncVerifier`](crate::AsyncVerifier) makes one, after
/// its store has spent the counter. It cannot be copied. Never cache it: it holds for one log-in.
///
/// ```compile_fail,E0599
/// fn twice(accepted: otp_store::Accepted) {
///     let _again = accepted.clone();
/// }
/// ```
///
/// ```compile_fail,E0451
/// use otp_store::Accepted;
///
/// fn another(accepted: Accepted) -> Accepted {
///     Accepted { counter: 1, ..accepted }
/// }
/// ```
#[derive(Debug)]
#[must_use = "this lets the user in"]
pub struct Accepted {
    pub(crate) id: CredentialId,
    pub(crate) at: UnixTime,
    /// The enrolment that the credential is of.
    pub(crate) generation: u64,
    /// Whether the code confirmed a new credential.
    pub(crate) confirms: bool,
    pub(crate) counter: u64,
    pub(crate) drift: i32,
    pub(crate) failures: u32,
    pub(crate) reseal: Option<Reseal>,
}

impl Accepted {
    /// Returns the credential whose code was right. If a code matches several credentials of the
    /// account, it is the first by name, and the code is spent in all of them.
    #[must_use]
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// Returns the time of the attempt.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// Returns the counter that was spent. Every lower one is spent with it.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns how far the user's clock or counter was off, in steps. Negative: it was behind.
    #[must_use]
    pub const fn drift(&self) -> i32 {
        self.drift
    }

    /// Returns the number of failed attempts since the last success. Tell the user if it is above
    /// 0.
    #[must_use]
    pub const fn failures_before(&self) -> u32 {
        self.failures
    }

    /// Returns the reason to re-encrypt the key ([`Verifier::reseal`](crate::Verifier::reseal)), or `None`
    /// if it is current.
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        self.reseal
    }
}

/// The verdict on a typed recovery code.
#[derive(Debug)]
#[must_use = "only `Accepted` may let the user in"]
pub enum RecoveryVerdict {
    /// The code was right, and is spent: let the user in.
    Accepted(Recovered),
    /// The code was not accepted.
    Rejected(Rejection),
    /// The account is locked, so the code was not looked for ([`Throttle::retry_after`]).
    Locked(Throttle),
}

/// The verdict on a text that is a one-time code or a recovery code.
#[derive(Debug)]
#[must_use = "only `Accepted` may let the user in"]
pub enum AnyVerdict {
    /// It was taken for a one-time code.
    Code(Verdict),
    /// It was taken for a recovery code.
    Recovery(RecoveryVerdict),
}

/// Proof that a recovery code was right and that the store has spent it.
///
/// It lets the user in once. It makes no new recovery codes and confirms no enrolment: for these a user
/// needs a code of an authenticator. It cannot be copied.
///
/// ```compile_fail,E0599
/// fn twice(recovered: otp_store::Recovered) {
///     let _again = recovered.clone();
/// }
/// ```
#[derive(Debug)]
#[must_use = "this lets the user in"]
pub struct Recovered {
    pub(crate) account: AccountId,
    pub(crate) at: UnixTime,
    pub(crate) left: u32,
    pub(crate) failures: u32,
}

impl Recovered {
    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// Returns the time of the attempt.
    #[must_use]
    pub const fn at(&self) -> UnixTime {
        self.at
    }

    /// Returns the number of codes that are left. Tell the user, and offer new ones from 3 down.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Returns the number of failed attempts since the last success.
    #[must_use]
    pub const fn failures_before(&self) -> u32 {
        self.failures
    }
}

/// A rejected code: the reason, and when the next attempt is permitted.
///
/// `Display` writes the same text for every reason, fit for the user. Show failures and lock only
/// after a first factor: an account that does not exist never has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    throttle: Throttle,
}

impl Rejection {
    pub(crate) const fn new(reason: Reason, throttle: Throttle) -> Self {
        Self { reason, throttle }
    }

    /// Returns the reason, for the log. Tell the user only that the code was not accepted.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns the number of failed attempts since the last success. It includes this attempt
    /// unless the code was malformed. It is always 0 for an unknown credential, and so reveals
    /// that.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.throttle.failures()
    }

    /// Returns the lock. An unknown credential is always [`Lock::Open`], and so reveals that.
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.throttle.lock()
    }

    /// Returns the seconds until the next attempt is permitted ([`Lock::retry_after`]).
    #[must_use]
    pub const fn retry_after(&self, now: UnixTime) -> Option<u64> {
        self.throttle.retry_after(now)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One text, so that the reason stays hidden.
        Rejected::Mismatch.fmt(f)
    }
}

/// The reason why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The code is malformed, does not match or is a replay, or the counter is exhausted.
    Code(Rejected),
    /// There is no such credential, or it is not confirmed yet.
    Unknown,
    /// The credential, or the set of recovery codes, was replaced while the code was compared.
    Stale,
    /// The text is no recovery code. It costs no attempt.
    RecoveryCode(MalformedRecoveryCode),
}

impl Reason {
    /// Returns the reason as one word, for logs and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code(rejected) => rejected.reason(),
            Self::Unknown => "unknown",
            Self::Stale => "stale",
            Self::RecoveryCode(_) => "malformed",
        }
    }
}

/// The state of a stored credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub(crate) kind: OtpKind,
    pub(crate) tag: Option<Tag>,
    pub(crate) confirmed: bool,
    pub(crate) next: u64,
    pub(crate) drift: i16,
    pub(crate) throttle: Throttle,
    pub(crate) guesses: u32,
}

impl Status {
    /// Returns the type and the parameters, for HOTP with the next counter.
    #[must_use]
    pub const fn kind(&self) -> OtpKind {
        self.kind
    }

    /// Returns the tag of the application secret that encrypted the key, or `None` for a plain-text
    /// key.
    #[must_use]
    pub const fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// Returns whether a first code has confirmed the credential.
    #[must_use]
    pub const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// Returns the lowest unspent counter.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Returns how far the user's clock is known to be off, in steps. Negative: it is slow.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.drift
    }

    /// Returns the failures and the lock of the account.
    #[must_use]
    pub const fn throttle(&self) -> Throttle {
        self.throttle
    }

    /// Returns the account's guesses since its last success: the counters that its failed attempts
    /// were compared with ([`ChargeRequest::budget`](crate::ChargeRequest::budget)).
    #[must_use]
    pub const fn guesses(&self) -> u32 {
        self.guesses
    }
}

/// The result of re-encrypting a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the key may not be re-encrypted"]
pub enum Resealed {
    /// The key is re-encrypted.
    Done,
    /// The key is current, so nothing was written.
    NotDue,
    /// Another process changed the record at the same time. Its record stays.
    Lost,
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Throttle};
    use otp_core::{Malformed, Rejected, UnixTime};

    use super::{Reason, Rejection};

    #[test]
    fn rejection_text_does_not_depend_on_the_reason() {
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
