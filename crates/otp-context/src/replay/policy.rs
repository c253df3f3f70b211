use core::fmt;
use core::num::NonZeroU32;

use otp_core::{CodeFormat, Window};

/// Seconds to wait after the first, second and each further failure; the last one repeats.
const WAITS: [u32; 9] = [0, 0, 0, 30, 60, 120, 300, 600, 900];
/// The most failures in a row that NIST SP 800-63B § 3.2.2 allows.
const MOST: u32 = 100;
/// A guesser's chance before the stop is one in so many.
const ODDS: u32 = 10_000;
/// Seconds that the clocks of two servers may differ by before one cuts the waits of the other.
const SKEW: u32 = 900;
/// The fewest failures that people can be held to.
const FEWEST: u32 = 5;

/// How fast and how often a code may be guessed (RFC 4226 § 7.3).
///
/// Waits slow a guesser down; the limit stops him. It follows from what may be risked: with one
/// chance in ten thousand, six digits and a window of three counters, after 33 failures. Waits
/// alone would leave him a chance of ten in a hundred within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    waits: Waits,
    limit: u32,
}

/// Seconds to wait after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    /// One for each, the last one repeats.
    Table(&'static [u32]),
    /// So many times the number of failures.
    Linear(u32),
}

impl Policy {
    /// Waits of 0, 0, 0, 30, 60, 120, 300, 600 and then always 900 seconds, and a stop before a
    /// guesser's chance reaches one in ten thousand: at most 100 failures (NIST SP 800-63B).
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if that would leave fewer than five attempts, which people need: a
    /// narrower window or more digits help.
    ///
    /// ```
    /// use otp_context::replay::Policy;
    /// use otp_core::{CodeFormat, Digits, Window};
    ///
    /// let six = CodeFormat::Decimal(Digits::SIX);
    /// assert_eq!(Policy::new(six, Window::ONE).unwrap().limit(), 33);
    /// assert!(Policy::new(six, Window::new(0, 100)).is_err());
    /// ```
    pub fn new(format: CodeFormat, window: Window) -> Result<Self, WindowTooWide> {
        Self::with_budget(format, window, ODDS)
    }

    /// The waits of [`Policy::new`], and a stop before a guesser's chance reaches one in `odds`.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if that would leave fewer than five attempts, or `odds` is 0.
    pub fn with_budget(
        format: CodeFormat,
        window: Window,
        odds: u32,
    ) -> Result<Self, WindowTooWide> {
        let guesses = format.codes().checked_div(odds).unwrap_or_default();
        match guesses.checked_div(window.size().into()).unwrap_or_default() {
            0..FEWEST => Err(WindowTooWide),
            limit => Ok(Self { waits: Waits::Table(&WAITS), limit: limit.min(MOST) }),
        }
    }

    /// The linear delay of RFC 4226 § 7.3: after the nth failure in a row, n times `seconds`.
    ///
    /// There is no stop, if [`Policy::with_limit`] sets none. With 5 seconds and the default window a
    /// guesser who never pauses still has a chance of one in a hundred within a year:
    /// [`Policy::odds_within`] tells.
    #[must_use]
    pub const fn rfc4226(seconds: u32) -> Self {
        Self { waits: Waits::Linear(seconds), limit: u32::MAX }
    }

    /// What NIST SP 800-63B § 3.2.2 asks for at the least: a stop after 100 failures in a row.
    ///
    /// That number is meant for one valid code of six digits; a window of three counters makes
    /// the odds three in ten thousand.
    #[must_use]
    pub const fn nist() -> Self {
        Self { waits: Waits::Linear(0), limit: MOST }
    }

    /// No waits and no stop: for where something else counts attempts, or for a test.
    ///
    /// Six digits then fall to a guesser within hours ([`Policy::odds_within`]).
    #[must_use]
    pub const fn unlimited() -> Self {
        Self { waits: Waits::Linear(0), limit: u32::MAX }
    }

    /// The same stop with other waits: seconds after the first, second and each further failure,
    /// of which the last repeats. Without any there is no wait.
    ///
    /// ```
    /// use otp_context::replay::Policy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = Policy::new(CodeFormat::default(), Window::ONE)?.with_waits(&[0, 0, 0, 5]);
    /// assert_eq!([policy.wait_after(3), policy.wait_after(4), policy.wait_after(9)], [0, 5, 5]);
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub const fn with_waits(mut self, waits: &'static [u32]) -> Self {
        self.waits = Waits::Table(waits);
        self
    }

    /// The same waits with another stop: after so many failures in a row (T in RFC 4226 § 7.3).
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use otp_context::replay::Policy;
    ///
    /// let ten = NonZeroU32::new(10).ok_or("zero")?;
    /// assert_eq!(Policy::rfc4226(5).with_limit(ten).limit(), 10);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn with_limit(mut self, failures: NonZeroU32) -> Self {
        self.limit = failures.get();
        self
    }

    /// Seconds to wait after the first, second and each further failure, of which the last
    /// repeats; [`Policy::step`] comes on top.
    ///
    /// With it and [`Policy::limit`] it is all that a database needs to charge an attempt in one
    /// statement: see [`Policy::wait_after`] and [`Policy::longest_wait`].
    #[must_use]
    pub const fn waits(&self) -> &'static [u32] {
        match self.waits {
            Waits::Table(waits) if !waits.is_empty() => waits,
            _ => &[0],
        }
    }

    /// Seconds to wait for each failure there was (RFC 4226 § 7.3), 0 where a table says it all.
    #[must_use]
    pub const fn step(&self) -> u32 {
        match self.waits {
            Waits::Table(_) => 0,
            Waits::Linear(seconds) => seconds,
        }
    }

    /// After how many failures there is no further attempt until somebody unlocks. `u32::MAX`, which
    /// is as far as failures are counted, stands for no stop.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Seconds to wait after so many failures in a row.
    #[must_use]
    pub fn wait_after(&self, failures: u32) -> u32 {
        match self.waits {
            Waits::Table(waits) => {
                let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
                waits.get(place).or(waits.last()).copied().unwrap_or_default()
            }
            Waits::Linear(seconds) => seconds.saturating_mul(failures),
        }
    }

    /// The most seconds that a wait which others have set may last from now, after so many failures in
    /// a row: what is left of it if the clock went back.
    ///
    /// It is a quarter of an hour more than [`Policy::wait_after`], so a server whose clock is behind
    /// another's by no more than that cuts nothing.
    #[must_use]
    pub fn longest_wait(&self, failures: u32) -> u32 {
        self.wait_after(failures).saturating_add(SKEW)
    }

    /// How many attempts a guesser who never pauses can make within so many seconds, the first of
    /// them at once; never more than [`Policy::limit`].
    ///
    /// ```
    /// use otp_context::replay::Policy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = Policy::new(CodeFormat::default(), Window::ONE)?;
    /// assert_eq!(policy.attempts_within(0), 4);
    /// assert_eq!(policy.attempts_within(3600), 11);
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub fn attempts_within(&self, seconds: u64) -> u64 {
        let limit = u64::from(self.limit());
        match self.waits {
            Waits::Table(waits) => {
                let (mut left, mut attempts) = (seconds, 1_u64);
                for wait in waits.iter().copied().map(u64::from) {
                    let Some(rest) = left.checked_sub(wait) else { return attempts.min(limit) };
                    left = rest;
                    attempts = attempts.saturating_add(1);
                }
                let last = waits.last().copied().map_or(0, u64::from);
                let more = left.checked_div(last).unwrap_or(limit);
                attempts.saturating_add(more).min(limit)
            }
            Waits::Linear(step) => {
                // The nth attempt comes after step × n (n − 1) / 2 seconds.
                let Some(half) = seconds.checked_div(step.into()) else { return limit };
                let product = u128::from(half).saturating_mul(2);
                let root = u64::try_from(product.isqrt()).unwrap_or(u64::MAX);
                // n (n − 1) ≤ product: n is the root or the one after it.
                let next = u128::from(root).saturating_mul(u128::from(root).saturating_add(1));
                root.saturating_add(u64::from(next <= product)).max(1).min(limit)
            }
        }
    }

    /// The chance, from 0 to 1, that a guesser who knows the format and never pauses comes
    /// in within so many seconds (RFC 4226 § 6).
    ///
    /// What makes some codes likelier is counted in the guesser's favour ([`CodeFormat::codes`]). With
    /// more than one credential to an account, count their windows together.
    ///
    /// ```
    /// use otp_context::replay::Policy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = Policy::new(CodeFormat::default(), Window::ONE)?;
    /// let year = 365 * 24 * 3600;
    /// assert!(policy.odds_within(year, CodeFormat::default(), Window::ONE) < 1e-4);
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub fn odds_within(&self, seconds: u64, format: CodeFormat, window: Window) -> f64 {
        let single = f64::from(window.size()) / f64::from(format.codes());
        1.0 - power(1.0 - single.min(1.0), self.attempts_within(seconds))
    }

    /// The chance, from 0 to 1, that a guesser comes in before the hard stop, without a
    /// success between that would clear the count.
    #[must_use]
    pub fn odds(&self, format: CodeFormat, window: Window) -> f64 {
        self.odds_within(u64::MAX, format, window)
    }
}

/// A window so wide for its codes that guessing would pay before a fifth attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WindowTooWide;

impl fmt::Display for WindowTooWide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("window is too wide for codes of this length")
    }
}

impl core::error::Error for WindowTooWide {}

otp_core::__debug_error!(struct WindowTooWide);

/// A power by squaring: `core` has none for floats.
fn power(base: f64, exponent: u64) -> f64 {
    let (mut square, mut product, mut rest) = (base, 1.0, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            product *= square;
        }
        square *= square;
        rest >>= 1;
    }
    product
}
