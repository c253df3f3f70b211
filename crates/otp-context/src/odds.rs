use otp_core::{CodeFormat, Window};

use crate::Policy;
use crate::policy::Waits;

impl Policy {
    /// How many attempts somebody who never pauses can make within so many seconds, the first of
    /// them at once; never more than [`Policy::limit`].
    ///
    /// ```
    /// use otp_context::Policy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = Policy::new(CodeFormat::default(), Window::ONE)?;
    /// assert_eq!(policy.attempts_within(0), 4);
    /// assert_eq!(policy.attempts_within(3600), 11);
    /// # Ok::<(), otp_context::WindowTooWide>(())
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

    /// The chance, from 0 to 1, that somebody who knows the format and guesses all the time comes
    /// in within so many seconds (RFC 4226 § 6).
    ///
    /// What makes some codes likelier is counted in the guesser's favour ([`CodeFormat::codes`]). With
    /// more than one credential to an account, count their windows together.
    ///
    /// ```
    /// use otp_context::Policy;
    /// use otp_core::{CodeFormat, Window};
    ///
    /// let policy = Policy::new(CodeFormat::default(), Window::ONE)?;
    /// let year = 365 * 24 * 3600;
    /// assert!(policy.odds_within(year, CodeFormat::default(), Window::ONE) < 1e-4);
    /// # Ok::<(), otp_context::WindowTooWide>(())
    /// ```
    #[must_use]
    pub fn odds_within(&self, seconds: u64, format: CodeFormat, window: Window) -> f64 {
        let single = f64::from(window.size()) / f64::from(format.codes());
        1.0 - power(1.0 - single.min(1.0), self.attempts_within(seconds))
    }

    /// The chance, from 0 to 1, that somebody comes in by guessing until the hard stop, without a
    /// success between that would clear the count.
    #[must_use]
    pub fn odds(&self, format: CodeFormat, window: Window) -> f64 {
        self.odds_within(u64::MAX, format, window)
    }
}

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
