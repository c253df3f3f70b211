use core::num::NonZeroU32;

use otp_context::recovery::RecoveryCodeSize;
use otp_context::replay::{ThrottlePolicy, WindowTooWide};
use otp_core::{CodeFormat, Digits, Window};

/// An attacker's chance before the limit is one in this number, as in [`ThrottlePolicy::new`].
const ODDS: u32 = 10_000;
/// Two windows of one size double an attacker's chance, so each gets half of the risk.
const TWO_WINDOWS: u32 = 2 * ODDS;

/// The options of a verifier: how far off a code may be, and how often it may be guessed.
///
/// The defaults are one step on either side for TOTP (RFC 6238 § 5.2), five counters of look-ahead
/// for HOTP (RFC 4226 § 7.4), no drift, and the limit that [`ThrottlePolicy::new`] computes for these
/// windows and the credential's codes.
///
/// The credentials of an account share one count of attempts, and one budget of guesses: the counters
/// that wrong codes were compared with. With the defaults and six digits it is 99 guesses, or 96 with
/// an HOTP credential. A code that is compared with one TOTP credential costs 3 of them, with six 18,
/// and with an HOTP credential 6 ([`ChargeRequest::budget`](crate::ChargeRequest::budget)).
///
/// ```
/// use otp_store::{ThrottlePolicy, VerifierOptions, Window};
///
/// let options =
///     VerifierOptions::new().with_window(Window::new(2, 1)).with_drift(4);
/// let nist = VerifierOptions::new().with_policy(ThrottlePolicy::nist());
/// # let _ = (options, nist);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifierOptions {
    window: Window,
    look_ahead: u8,
    drift: u8,
    policy: Option<ThrottlePolicy>,
    reopen_after: Option<NonZeroU32>,
    recovery: RecoveryCodeSize,
}

impl VerifierOptions {
    /// Returns the defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            window: Window::ONE,
            look_ahead: 5,
            drift: 0,
            policy: None,
            reopen_after: None,
            recovery: RecoveryCodeSize::Standard,
        }
    }

    /// Sets the window for TOTP, in steps. Default: [`Window::ONE`].
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Sets the look-ahead for HOTP, in counters. Default: 5.
    #[must_use]
    pub const fn with_look_ahead(self, look_ahead: u8) -> Self {
        Self { look_ahead, ..self }
    }

    /// Sets how many steps a clock may be off and still be followed (RFC 6238 § 6). Default: 0.
    ///
    /// With more than 0, each code is looked for in two windows: around the server's own time and
    /// around the followed clock. That doubles an attacker's chance, so the default policy allows half
    /// as many failures: 16 instead of 33 with one step on either side and six digits.
    #[must_use]
    pub const fn with_drift(self, steps: u8) -> Self {
        Self { drift: steps, ..self }
    }

    /// Sets one policy for all credentials. Default: a policy for each type and length of codes.
    #[must_use]
    pub const fn with_policy(self, policy: ThrottlePolicy) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Sets the seconds after which a lock-out ends by itself, in every policy
    /// ([`ThrottlePolicy::with_reopen_after`]). Default: only an operator can unlock.
    ///
    /// The account then has one attempt. If that is on several credentials, it guesses at each, so count
    /// their windows together in [`ThrottlePolicy::odds_within`]. All programs of one database need the
    /// same setting.
    #[must_use]
    pub const fn with_reopen_after(self, seconds: NonZeroU32) -> Self {
        Self { reopen_after: Some(seconds), ..self }
    }

    /// Sets the size of new recovery codes. Default: 16 symbols, which are 80 bits.
    ///
    /// A context without a wallet needs [`RecoveryCodeSize::Long`].
    #[must_use]
    pub const fn with_recovery_codes(self, size: RecoveryCodeSize) -> Self {
        Self { recovery: size, ..self }
    }

    /// Returns the size of new recovery codes.
    #[must_use]
    pub const fn recovery_codes(&self) -> RecoveryCodeSize {
        self.recovery
    }

    /// Returns the window for TOTP.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Returns the look-ahead for HOTP.
    #[must_use]
    pub const fn look_ahead(&self) -> u8 {
        self.look_ahead
    }

    /// Returns how many steps a clock may be off and still be followed.
    #[must_use]
    pub const fn drift(&self) -> u8 {
        self.drift
    }

    /// Returns how many counters a code is compared with in a TOTP credential: the window, or with
    /// drift both windows.
    #[must_use]
    pub fn totp_guesses(&self) -> u32 {
        u32::from(self.window.size()).saturating_mul(if self.drift == 0 { 1 } else { 2 })
    }

    /// Returns how many counters a code is compared with in an HOTP credential.
    #[must_use]
    pub fn hotp_guesses(&self) -> u32 {
        Window::new(0, self.look_ahead).size().into()
    }

    /// Returns the policy for TOTP codes of a format.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if the window, or with drift both windows, leave fewer than five attempts
    /// ([`ThrottlePolicy::new`]).
    pub fn totp_policy(&self, format: CodeFormat) -> Result<ThrottlePolicy, WindowTooWide> {
        let odds = if self.drift == 0 { ODDS } else { TWO_WINDOWS };
        self.reopening(|| ThrottlePolicy::with_risk(format, self.window, odds))
    }

    /// Returns the policy for HOTP codes of a format.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if the look-ahead leaves fewer than five attempts ([`ThrottlePolicy::new`]).
    pub fn hotp_policy(&self, format: CodeFormat) -> Result<ThrottlePolicy, WindowTooWide> {
        self.reopening(|| ThrottlePolicy::new(format, Window::new(0, self.look_ahead)))
    }
}

impl VerifierOptions {
    /// Returns the policy for recovery codes, which have no window: that of the longest codes.
    pub(crate) fn recovery_policy(&self) -> Result<ThrottlePolicy, WindowTooWide> {
        let longest = CodeFormat::Decimal(Digits::TEN);
        self.reopening(|| ThrottlePolicy::new(longest, Window::new(0, 0)))
    }

    /// Returns the policy that was set, or the default, with the time after which it reopens.
    fn reopening(
        &self,
        default: impl FnOnce() -> Result<ThrottlePolicy, WindowTooWide>,
    ) -> Result<ThrottlePolicy, WindowTooWide> {
        let policy = self.policy.map_or_else(default, Ok)?;
        Ok(self.reopen_after.map_or(policy, |seconds| policy.with_reopen_after(seconds)))
    }
}

impl Default for VerifierOptions {
    fn default() -> Self {
        Self::new()
    }
}
