use otp_context::replay::{Policy, WindowTooWide};
use otp_core::{CodeFormat, Window};

/// A guesser's chance before the stop is one in so many, as in [`Policy::new`].
const ODDS: u32 = 10_000;
/// Two windows of one size double a guesser's chance, so half of it is left for each.
const TWO_WINDOWS: u32 = 2 * ODDS;

/// What a server allows when it verifies: how far off a code may be, and how often it may be
/// guessed.
///
/// The defaults are one step on either side for TOTP (RFC 6238 § 5.2), five counters of look-ahead
/// for HOTP (RFC 4226 § 7.4), no drift, and the stop that [`Policy::new`] computes for these
/// windows and the credential's codes.
///
/// An account with credentials of both types has one count and two stops. Who guesses HOTP up to
/// its stop and TOTP from there on has a chance of 1.4 in ten thousand with the defaults, of six
/// digits; [`Rules::with_policy`] sets one stop for both.
///
/// ```
/// use otp_store::{Policy, Rules, Window};
///
/// let rules = Rules::new().with_window(Window::new(2, 1)).with_drift(4);
/// let nist = Rules::new().with_policy(Policy::nist());
/// # let _ = (rules, nist);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    window: Window,
    look_ahead: u8,
    drift: u8,
    policy: Option<Policy>,
}

impl Rules {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { window: Window::ONE, look_ahead: 5, drift: 0, policy: None }
    }

    /// The same with another window for TOTP, in steps.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// The same with another look-ahead for HOTP, in counters.
    #[must_use]
    pub const fn with_look_ahead(self, look_ahead: u8) -> Self {
        Self { look_ahead, ..self }
    }

    /// Sets how many steps a clock may be off and still be followed (RFC 6238 § 6). Default: 0.
    ///
    /// With more than 0, each code is looked for in two windows: around the server's own time and
    /// around the followed clock. That doubles a guesser's chance, so the default policy allows half
    /// as many failures: 16 instead of 33 with one step on either side and six digits.
    #[must_use]
    pub const fn with_drift(self, steps: u8) -> Self {
        Self { drift: steps, ..self }
    }

    /// The same with one policy for all credentials, whatever their codes.
    #[must_use]
    pub const fn with_policy(self, policy: Policy) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// The window for TOTP.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The look-ahead for HOTP.
    #[must_use]
    pub const fn look_ahead(&self) -> u8 {
        self.look_ahead
    }

    /// How many steps a clock that is followed may be off.
    #[must_use]
    pub const fn drift(&self) -> u8 {
        self.drift
    }

    /// The policy for TOTP codes of a format.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if the window, or with drift both windows, leave fewer than five attempts
    /// ([`Policy::new`]).
    pub fn totp_policy(&self, format: CodeFormat) -> Result<Policy, WindowTooWide> {
        let odds = if self.drift == 0 { ODDS } else { TWO_WINDOWS };
        self.policy.map_or_else(|| Policy::with_budget(format, self.window, odds), Ok)
    }

    /// The policy for HOTP codes of a format.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if the look-ahead leaves fewer than five attempts ([`Policy::new`]).
    pub fn hotp_policy(&self, format: CodeFormat) -> Result<Policy, WindowTooWide> {
        self.policy.map_or_else(|| Policy::new(format, Window::new(0, self.look_ahead)), Ok)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}
