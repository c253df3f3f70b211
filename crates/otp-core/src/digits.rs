use core::fmt;

use crate::Error;
use crate::division::by_unit;

/// The number of digits of a decimal code: 6 to 10 (RFC 4226 § 5.3).
///
/// RFC 4226 says: "Implementations MUST extract a 6-digit code at a minimum and possibly 7 and 8-digit
/// code."
///
/// A code is the remainder of a 31-bit number, so the last two lengths are biased: with 9 digits
/// some codes are 1.4 times as likely as they should be, and the first of 10 digits is never above 2.
/// More than eight digits gain little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digits(u8);

impl Digits {
    /// Six digits, the default.
    pub const SIX: Self = Self(6);
    /// Seven digits.
    pub const SEVEN: Self = Self(7);
    /// Eight digits.
    pub const EIGHT: Self = Self(8);
    /// Nine digits, biased.
    pub const NINE: Self = Self(9);
    /// Ten digits, biased.
    pub const TEN: Self = Self(10);

    /// Makes a number of digits.
    ///
    /// # Errors
    ///
    /// [`Error::Digits`] below 6, which is guessed too soon, or above 10, which a code of 31 bits never has.
    ///
    /// ```
    /// use otp_core::Digits;
    ///
    /// assert_eq!(Digits::new(8), Ok(Digits::EIGHT));
    /// assert!(Digits::new(5).is_err());
    /// ```
    pub const fn new(digits: u8) -> Result<Self, Error> {
        match digits {
            6..=10 => Ok(Self(digits)),
            _ => Err(Error::Digits),
        }
    }

    /// Returns the number of digits.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The last digits of a truncated MAC (RFC 4226 § 5.3), nine at the most, after what is left
    /// in front of them.
    pub(crate) fn split(self, truncated: u32) -> (u32, u32) {
        match self.0 {
            6 => by_unit(truncated, 1_000_000, 12),
            _ => self.split_longer(truncated),
        }
    }

    /// Apart, since almost all codes have six: the compiler would look up all the factors in a
    /// table.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    fn split_longer(self, truncated: u32) -> (u32, u32) {
        match self.0 {
            7 => by_unit(truncated, 10_000_000, 8),
            8 => by_unit(truncated, 100_000_000, 5),
            _ => by_unit(truncated, 1_000_000_000, 2),
        }
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::SIX
    }
}

impl TryFrom<u8> for Digits {
    type Error = Error;

    fn try_from(digits: u8) -> Result<Self, Error> {
        Self::new(digits)
    }
}

impl From<Digits> for u8 {
    fn from(digits: Digits) -> Self {
        digits.get()
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
