use core::fmt;
use core::num::NonZeroU64;

use crate::Error;

/// How long a TOTP code lives, in whole seconds, at least one (the time step X of RFC 6238 § 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU64);

impl Period {
    /// Thirty seconds, the default.
    pub const THIRTY: Self = Self(NonZeroU64::MIN.saturating_add(29));

    /// Makes a period.
    ///
    /// # Errors
    ///
    /// [`Error::Period`] for 0, which no time can be divided by.
    ///
    /// ```
    /// use otp_core::Period;
    ///
    /// assert_eq!(Period::from_secs(30), Ok(Period::THIRTY));
    /// assert!(Period::from_secs(0).is_err());
    /// ```
    pub const fn from_secs(seconds: u64) -> Result<Self, Error> {
        match NonZeroU64::new(seconds) {
            Some(seconds) => Ok(Self(seconds)),
            None => Err(Error::Period),
        }
    }

    /// The period in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.get()
    }

    /// Whole periods in a span of seconds.
    pub(crate) fn steps_in(self, seconds: u64) -> u64 {
        // Dividing by a `NonZero` cannot panic, so nothing is checked.
        #[cfg(target_pointer_width = "64")]
        return seconds / self.0;
        // A 64-bit division routine costs a small processor over a kilobyte.
        #[cfg(not(target_pointer_width = "64"))]
        return divide(seconds, self.0);
    }
}

/// Long division, one bit of the quotient a turn; in 32 bits where they are enough, which they are
/// until 2106.
#[cfg_attr(target_pointer_width = "64", cfg(test))]
fn divide(seconds: u64, period: NonZeroU64) -> u64 {
    if let (Ok(mut rest), Ok(mut step)) = (u32::try_from(seconds), u32::try_from(period.get())) {
        let (mut quotient, mut bit) = (0, 1_u32);
        while step <= rest >> 1 {
            (step, bit) = (step << 1, bit << 1);
        }
        while bit != 0 {
            if let Some(less) = rest.checked_sub(step) {
                (rest, quotient) = (less, quotient | bit);
            }
            (step, bit) = (step >> 1, bit >> 1);
        }
        return quotient.into();
    }
    let (mut quotient, mut rest) = (seconds, 0_u64);
    for _ in 0..u64::BITS {
        let carry = rest >> 63;
        rest = (rest << 1) | (quotient >> 63);
        quotient <<= 1;
        if carry != 0 || rest >= period.get() {
            rest = rest.wrapping_sub(period.get());
            quotient |= 1;
        }
    }
    quotient
}

impl Default for Period {
    fn default() -> Self {
        Self::THIRTY
    }
}

impl TryFrom<u64> for Period {
    type Error = Error;

    fn try_from(seconds: u64) -> Result<Self, Error> {
        Self::from_secs(seconds)
    }
}

impl From<Period> for u64 {
    fn from(period: Period) -> Self {
        period.as_secs()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::divide;
    use core::num::NonZeroU64;
    use proptest::prelude::*;

    proptest! {
        /// Of any length, so that half of them take the short way.
        #[test]
        fn dividing_by_hand_is_division(
            (a, b) in any::<(u64, u64)>(),
            (less, lesser) in (0_u32..64, 0_u32..64),
        ) {
            let (a, b) = (a >> less, NonZeroU64::new(b >> lesser).unwrap_or(NonZeroU64::MIN));
            prop_assert_eq!(divide(a, b), a / b);
        }
    }
}
