use core::fmt;
use core::num::NonZeroU32;

use otp_core::{CodeFormat, UnixTime, Window};

use super::Lock;

/// Seconds to wait after the first, second and each further failure. The last value repeats.
const BACKOFF: [u32; 9] = [0, 0, 0, 30, 60, 120, 300, 600, 900];
/// The most failures in a row that NIST SP 800-63B § 3.2.2 allows.
const MOST: u32 = 100;
/// An attacker's chance before the limit is one in so many.
const ODDS: u32 = 10_000;
/// Seconds that the clocks of two servers may differ by before one shortens the locks of the other.
const SKEW: u32 = 900;
/// The fewest attempts that people need.
const FEWEST: u32 = 5;

/// How fast and how often a code may be guessed (RFC 4226 § 7.3).
///
/// Back-off slows an attacker down, and the limit locks the account. The limit follows from the risk:
/// with one chance in ten thousand, six digits and a window of three counters it is 33 failures.
/// Back-off alone would leave an attacker a chance of ten in a hundred within a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlePolicy {
    backoff: Backoff,
    limit: u32,
    reopen_after: Option<NonZeroU32>,
}

/// Seconds to wait after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backoff {
    /// One for each, the last one repeats.
    Table(&'static [u32]),
    /// So many times the number of failures.
    Linear(u32),
}

impl ThrottlePolicy {
    /// Backs off for 0, 0, 0, 30, 60, 120, 300, 600 and then always 900 seconds, and locks the account
    /// before an attacker's chance reaches one in ten thousand: after at most 100 failures
    /// (NIST SP 800-63B).
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if that would leave fewer than five attempts, which people need: a
    /// narrower window or more digits help.
    ///
    /// ```
    /// use otp_context::replay::ThrottlePolicy;
    /// use otp_core::{CodeFormat, Digits, Window};
    ///
    /// let six = CodeFormat::Decimal(Digits::SIX);
    /// assert_eq!(ThrottlePolicy::new(six, Window::ONE).unwrap().limit(), 33);
    /// assert!(ThrottlePolicy::new(six, Window::new(0, 100)).is_err());
    /// ```
    pub fn new(format: CodeFormat, window: Window) -> Result<Self, WindowTooWide> {
        Self::with_risk(format, window, ODDS)
    }

    /// Has the back-off of [`ThrottlePolicy::new`], and locks the account before an attacker's chance
    /// reaches one in `odds`.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`] if that would leave fewer than five attempts, or `odds` is 0.
    pub fn with_risk(format: CodeFormat, window: Window, odds: u32) -> Result<Self, WindowTooWide> {
        let guesses = format.guess_space().checked_div(odds).unwrap_or_default();
        match guesses.checked_div(window.size().into()).unwrap_or_default() {
            0..FEWEST => Err(WindowTooWide),
            limit => Ok(Self::locking(Backoff::Table(&BACKOFF), limit.min(MOST))),
        }
    }

    /// Returns the linear delay of RFC 4226 § 7.3: after the nth failure in a row, n times `seconds`.
    ///
    /// It has no limit unless [`ThrottlePolicy::with_limit`] sets one. With 5 seconds and the default
    /// window an attacker who never pauses still has a chance of one in a hundred within a year
    /// ([`ThrottlePolicy::odds_within`]).
    #[must_use]
    pub const fn rfc4226(seconds: u32) -> Self {
        Self::locking(Backoff::Linear(seconds), u32::MAX)
    }

    /// Returns the minimum of NIST SP 800-63B § 3.2.2: a lock after 100 failures in a row, and no back-off.
    ///
    /// That number is meant for one valid code of six digits; a window of three counters makes
    /// the odds three in ten thousand.
    #[must_use]
    pub const fn nist() -> Self {
        Self::locking(Backoff::Linear(0), MOST)
    }

    /// No back-off and no limit: for a program that counts attempts elsewhere, or for a test.
    ///
    /// An attacker then finds a code of six digits within hours ([`ThrottlePolicy::odds_within`]).
    #[must_use]
    pub const fn unlimited() -> Self {
        Self::locking(Backoff::Linear(0), u32::MAX)
    }

    const fn locking(backoff: Backoff, limit: u32) -> Self {
        Self { backoff, limit, reopen_after: None }
    }

    /// Sets the seconds to wait after the first, second and each further failure. The last value
    /// repeats. An empty table sets no wait.
    ///
    /// ```
    /// use otp_context::replay::ThrottlePolicy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE)?
    ///     .with_backoff(&[0, 0, 0, 5]);
    /// assert_eq!(
    ///     [policy.wait_after(3), policy.wait_after(4), policy.wait_after(9)],
    ///     [0, 5, 5]
    /// );
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub const fn with_backoff(mut self, waits: &'static [u32]) -> Self {
        self.backoff = Backoff::Table(waits);
        self
    }

    /// Sets the number of failures in a row that locks the account (T in RFC 4226 § 7.3).
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use otp_context::replay::ThrottlePolicy;
    ///
    /// let ten = NonZeroU32::new(10).ok_or("zero")?;
    /// assert_eq!(ThrottlePolicy::rfc4226(5).with_limit(ten).limit(), 10);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn with_limit(mut self, failures: NonZeroU32) -> Self {
        self.limit = failures.get();
        self
    }

    /// Sets the seconds after which a lock-out ends by itself. Default: it never does, so an operator
    /// must unlock the account.
    ///
    /// The failures stay. So the account has one attempt then, and another failure locks it out for
    /// as long again. A success clears the failures. A lock that was hard before stays hard. A lock-out is
    /// never shorter than the back-off.
    ///
    /// An attacker who never pauses goes on, with one attempt each time, and keeps the owner out. With
    /// the defaults and six digits the chance within a year is 0.03 % if lock-outs last a week, 0.12 % if
    /// they last a day, and 2.6 % if they last an hour ([`ThrottlePolicy::odds_within`]). Without reopening
    /// it is 0.01 %. An attacker who can set the clock forward has an attempt each time. NIST SP 800-63B § 3.2.2
    /// permits at most 100 failures in a row. A policy that reopens does not comply.
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
    /// use otp_core::{CodeFormat, UnixTime, Window};
    ///
    /// let day = NonZeroU32::new(24 * 3600).ok_or("zero")?;
    /// let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE)?
    ///     .with_reopen_after(day);
    /// let now = UnixTime::from_secs(1_000_000);
    /// let mut throttle = Throttle::resume(policy.limit() - 1, Lock::Open);
    /// let _last = throttle.charge(&policy, now)?;
    /// assert_eq!(throttle.retry_after(now), Some(24 * 3600));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_reopen_after(mut self, seconds: NonZeroU32) -> Self {
        self.reopen_after = Some(seconds);
        self
    }

    /// Returns the seconds after which a lock-out ends by itself, or `None` if it never does. They are at
    /// least the wait after the last attempt. Without a limit nothing locks out.
    #[must_use]
    pub fn reopen_after(&self) -> Option<NonZeroU32> {
        let seconds = self.reopen_after.filter(|_| self.limit < u32::MAX)?;
        Some(NonZeroU32::new(self.wait_after(self.limit)).map_or(seconds, |wait| seconds.max(wait)))
    }

    /// Returns the lock of an account that is locked out now.
    #[must_use]
    pub fn lock_out(&self, now: UnixTime) -> Lock {
        self.reopen_after()
            .map_or(Lock::Hard, |seconds| Lock::Until(now.saturating_add(seconds.get().into())))
    }

    /// Returns the seconds to wait after the first, second and each further failure. The last value
    /// repeats. [`ThrottlePolicy::linear_step`] is added to it.
    ///
    /// These two, [`ThrottlePolicy::limit`] and [`ThrottlePolicy::reopen_after`] are all that a database
    /// needs to charge an attempt in one statement: see [`ThrottlePolicy::wait_after`],
    /// [`ThrottlePolicy::lock_out`] and [`ThrottlePolicy::max_lock`].
    #[must_use]
    pub const fn backoff(&self) -> &'static [u32] {
        match self.backoff {
            Backoff::Table(waits) if !waits.is_empty() => waits,
            _ => &[0],
        }
    }

    /// Returns the seconds to wait for each failure so far (RFC 4226 § 7.3). It is 0 with a table.
    #[must_use]
    pub const fn linear_step(&self) -> u32 {
        match self.backoff {
            Backoff::Table(_) => 0,
            Backoff::Linear(seconds) => seconds,
        }
    }

    /// Returns the number of failures in a row that locks the account out.
    /// `u32::MAX`, the highest count, means no limit.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Returns the seconds to wait after so many failures in a row, if they are fewer than the limit.
    #[must_use]
    pub fn wait_after(&self, failures: u32) -> u32 {
        match self.backoff {
            Backoff::Table(waits) => {
                let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
                waits.get(place).or(waits.last()).copied().unwrap_or_default()
            }
            Backoff::Linear(seconds) => seconds.saturating_mul(failures),
        }
    }

    /// Returns the most seconds that a stored lock may last from now, after so many failures in a row.
    /// A longer one is shortened to that: the clock went back.
    ///
    /// It is a quarter of an hour more than [`ThrottlePolicy::wait_after`] or, if longer,
    /// [`ThrottlePolicy::reopen_after`]. So a server whose clock is slower than another's by no more
    /// than that shortens no lock.
    #[must_use]
    pub fn max_lock(&self, failures: u32) -> u32 {
        let reopen_after = self.reopen_after().map_or(0, NonZeroU32::get);
        self.wait_after(failures).max(reopen_after).saturating_add(SKEW)
    }

    /// Returns the number of attempts that an attacker who never pauses can make within so many
    /// seconds. The first comes at once. Unless lock-outs end by themselves, there are never more than
    /// [`ThrottlePolicy::limit`].
    ///
    /// ```
    /// use otp_context::replay::ThrottlePolicy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE)?;
    /// assert_eq!(policy.attempts_within(0), 4);
    /// assert_eq!(policy.attempts_within(3600), 11);
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub fn attempts_within(&self, seconds: u64) -> u64 {
        let limit = u64::from(self.limit());
        let attempts = self.attempts_before_limit(seconds);
        let Some(reopen_after) = self.reopen_after().filter(|_| attempts == limit) else {
            return attempts;
        };
        let since = seconds.saturating_sub(self.seconds_before_limit());
        limit.saturating_add(since.checked_div(reopen_after.get().into()).unwrap_or_default())
    }

    /// Returns the number of attempts within so many seconds, up to the limit.
    fn attempts_before_limit(&self, seconds: u64) -> u64 {
        let limit = u64::from(self.limit());
        match self.backoff {
            Backoff::Table(waits) => {
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
            Backoff::Linear(step) => {
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

    /// Returns the seconds from the first attempt to the one that reaches the limit.
    fn seconds_before_limit(&self) -> u64 {
        let waits = u64::from(self.limit().saturating_sub(1));
        match self.backoff {
            Backoff::Table(table) => {
                let listed = usize::try_from(waits).unwrap_or(usize::MAX).min(table.len());
                let sum = table
                    .iter()
                    .take(listed)
                    .fold(0, |sum: u64, wait| sum.saturating_add((*wait).into()));
                let more = waits.saturating_sub(u64::try_from(listed).unwrap_or(u64::MAX));
                let last = table.last().copied().map_or(0, u64::from);
                sum.saturating_add(last.saturating_mul(more))
            }
            Backoff::Linear(step) => {
                let sum = waits.saturating_mul(waits.saturating_add(1)).div_euclid(2);
                sum.saturating_mul(step.into())
            }
        }
    }

    /// Returns the chance, from 0 to 1, that an attacker who knows the format and never pauses guesses
    /// a code within so many seconds (RFC 4226 § 6).
    ///
    /// That some codes are likelier is counted in the attacker's favour ([`CodeFormat::guess_space`]). With
    /// more than one credential to an account, count their windows together.
    ///
    /// ```
    /// use otp_context::replay::ThrottlePolicy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE)?;
    /// let year = 365 * 24 * 3600;
    /// assert!(
    ///     policy.odds_within(year, CodeFormat::default(), Window::ONE) < 1e-4
    /// );
    /// # Ok::<(), otp_context::replay::WindowTooWide>(())
    /// ```
    #[must_use]
    pub fn odds_within(&self, seconds: u64, format: CodeFormat, window: Window) -> f64 {
        let single = f64::from(window.size()) / f64::from(format.guess_space());
        1.0 - power(1.0 - single.min(1.0), self.attempts_within(seconds))
    }

    /// Returns the chance, from 0 to 1, that an attacker guesses a code before the limit, without a
    /// success in between that would clear the count. If lock-outs end by themselves, guessing has no
    /// end either: see [`ThrottlePolicy::odds_within`].
    #[must_use]
    pub fn odds(&self, format: CodeFormat, window: Window) -> f64 {
        self.odds_within(u64::MAX, format, window)
    }
}

/// The window is too wide: fewer than five attempts would stay within the risk.
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
