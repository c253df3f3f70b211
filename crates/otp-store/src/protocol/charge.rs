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
/// [`ThrottlePolicy::backoff`], [`ThrottlePolicy::linear_step`], [`ThrottlePolicy::limit`] and
/// [`ThrottlePolicy::reopen_after`].
///
/// The account also counts guesses: the counters that its failed attempts were compared with. An
/// attempt on several credentials adds those of each. If another attempt of that size would exceed
/// the [`budget`](ChargeRequest::budget), the account is locked out ([`ThrottlePolicy::lock_out`]). An
/// attempt that would exceed it itself is not permitted, and makes the lock hard, unless the account has
/// no guesses yet, or lock-outs end by themselves. So credentials that come and go give no more guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeRequest {
    now: UnixTime,
    length: u8,
    confirmed: bool,
    totp: ThrottlePolicy,
    hotp: ThrottlePolicy,
    guesses: [u32; 2],
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
            guesses: [options.totp_guesses(), options.hotp_guesses()],
            attempt,
        })
    }

    /// Makes the charge of an attempt on recovery codes. It guesses at no counter.
    pub(crate) fn recovery(
        options: &VerifierOptions,
        now: UnixTime,
        attempt: AttemptId,
    ) -> Result<Self, WindowTooWide> {
        let policy = options.recovery_policy()?;
        let guesses = [0; 2];
        Ok(Self { now, length: 0, confirmed: true, totp: policy, hotp: policy, guesses, attempt })
    }

    /// Returns the time of the attempt.
    #[must_use]
    pub const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns the length of the typed code in characters, without separators: 5 to 10, or 0 for a
    /// recovery code.
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

    pub(crate) const fn policy(&self, hotp: bool) -> &ThrottlePolicy {
        if hotp { &self.hotp } else { &self.totp }
    }

    /// Returns how many counters the code is compared with in one credential of this type: an HOTP
    /// one, or one of another type.
    #[must_use]
    pub const fn guesses(&self, hotp: bool) -> u32 {
        let [totp_guesses, hotp_guesses] = self.guesses;
        if hotp { hotp_guesses } else { totp_guesses }
    }

    /// Returns the guesses of an account between two successes after which it is locked out, for an attempt on credentials of
    /// this type: the limit of its policy times its [`guesses`](ChargeRequest::guesses), at most
    /// `u32::MAX`. HOTP's holds for an attempt on credentials of both types.
    #[must_use]
    pub const fn budget(&self, hotp: bool) -> u32 {
        self.policy(hotp).limit().saturating_mul(self.guesses(hotp))
    }

    /// Returns the id of the attempt. The account keeps it as its last charge, which can be taken
    /// back until another charge comes.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }
}
