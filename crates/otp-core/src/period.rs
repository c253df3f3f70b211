use core::fmt;
use core::num::NonZeroU64;

use crate::Error;
use crate::division::by_period;

/// The period of a TOTP code, in whole seconds, at least one (the time step X of RFC 6238 § 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU64);

impl Period {
    /// Thirty seconds, the default.
    pub const THIRTY: Self = Self(NonZeroU64::MIN.saturating_add(29));

    /// Makes a period.
    ///
    /// # Errors
    ///
    /// [`Error::Period`] for 0: no time can be divided by it.
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

    /// Returns the period in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.get()
    }

    /// Returns the whole periods in a span of seconds.
    pub(crate) fn steps_in(self, seconds: u64) -> u64 {
        by_period(seconds, self.0)
    }
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
