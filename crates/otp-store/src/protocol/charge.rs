use otp_context::replay::{Policy, WindowTooWide};
use otp_core::{CodeFormat, UnixTime};

use super::{AttemptId, Rules};

/// What a store is asked first: to count an attempt as failed, before anybody looks at the code.
///
/// The store does it in one atomic, committed step, and only if all of this holds:
///
/// - the credential is confirmed, or still to be, as [`Charge::confirmed`] says;
/// - its codes have [`Charge::length`] characters: a code of another length cannot match, so it
///   costs no attempt;
/// - its account is not locked at [`Charge::now`].
///
/// What to count, and until when to lock, is [`Throttle::charge`](crate::Throttle::charge) with
/// the policy of the credential's type; a database does the same in a statement from
/// [`Policy::waits`], [`Policy::step`] and [`Policy::limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    now: UnixTime,
    length: u8,
    confirmed: bool,
    totp: Policy,
    hotp: Policy,
    attempt: AttemptId,
}

impl Charge {
    pub(crate) fn new(
        rules: &Rules,
        format: CodeFormat,
        now: UnixTime,
        confirmed: bool,
        attempt: AttemptId,
    ) -> Result<Self, WindowTooWide> {
        Ok(Self {
            now,
            length: format.length(),
            confirmed,
            totp: rules.totp_policy(format)?,
            hotp: rules.hotp_policy(format)?,
            attempt,
        })
    }

    /// The time of the attempt.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// How many characters the typed code has, separators aside: 5 to 10.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.length
    }

    /// Whether the credential must be confirmed already; if not, it must not be.
    #[must_use]
    pub const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// The policy if the credential is TOTP or Steam Guard.
    #[must_use]
    pub const fn totp_policy(&self) -> &Policy {
        &self.totp
    }

    /// The policy if the credential is HOTP.
    #[must_use]
    pub const fn hotp_policy(&self) -> &Policy {
        &self.hotp
    }

    /// Which attempt asks. The account keeps it as its last charge, so that the charge can be taken
    /// back as long as nothing came after it.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }
}
