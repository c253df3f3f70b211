use otp_context::replay::{ThrottlePolicy, WindowTooWide};
use otp_core::{CodeFormat, UnixTime};

use super::{AttemptId, VerifierOptions};

/// The first request to a store: count an attempt as failed, before the code is compared.
///
/// The store does it in one atomic, committed step, and only if all of these hold:
///
/// - the credential is confirmed, or is not, as [`ChargeRequest::confirmed`] requires;
/// - its codes have [`ChargeRequest::length`] characters: a code of another length cannot match, so
///   it costs no attempt;
/// - its account is not locked at [`ChargeRequest::now`].
///
/// The policy of the credential's type determines the count and the lock, as in
/// [`Throttle::charge`](crate::Throttle::charge). A database computes them in a statement from
/// [`ThrottlePolicy::backoff`], [`ThrottlePolicy::linear_step`] and [`ThrottlePolicy::limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeRequest {
    now: UnixTime,
    length: u8,
    confirmed: bool,
    totp: ThrottlePolicy,
    hotp: ThrottlePolicy,
    attempt: AttemptId,
}

impl ChargeRequest {
    pub(crate) fn new(
        options: &VerifierOptions,
        format: CodeFormat,
        now: UnixTime,
        confirmed: bool,
        attempt: AttemptId,
    ) -> Result<Self, WindowTooWide> {
        Ok(Self {
            now,
            length: format.length(),
            confirmed,
            totp: options.totp_policy(format)?,
            hotp: options.hotp_policy(format)?,
            attempt,
        })
    }

    /// Returns the time of the attempt.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns the length of the typed code in characters, without separators: 5 to 10.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.length
    }

    /// Returns whether the credential must be confirmed. If `false`, it must not be confirmed.
    #[must_use]
    pub const fn confirmed(&self) -> bool {
        self.confirmed
    }

    /// Returns the policy for a TOTP or Steam Guard credential.
    #[must_use]
    pub const fn totp_policy(&self) -> &ThrottlePolicy {
        &self.totp
    }

    /// Returns the policy for an HOTP credential.
    #[must_use]
    pub const fn hotp_policy(&self) -> &ThrottlePolicy {
        &self.hotp
    }

    /// Returns the id of the attempt. The account keeps it as its last charge, which can be taken
    /// back until another charge comes.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }
}
