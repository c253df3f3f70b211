use core::fmt;

use crate::Error;

/// How many digits a decimal code has: 6 to 10 (RFC 4226 § 5.3).
///
/// A code is the remainder of a 31-bit number, so the last two lengths are biased: with 9 digits
/// some codes are 1.4 times as likely as they should be, and of 10 digits the first is never above
/// 2. Eight digits are the most that are worth having.
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
    /// [`Error::Digits`] below 6 or above 10: fewer are guessed too soon, more do not exist.
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

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The last digits of a truncated MAC (RFC 4226 § 5.3), nine at the most, after what is left
    /// in front of them.
    pub(crate) fn split(self, truncated: u32) -> (u32, u32) {
        match self.0 {
            6 => divide(truncated, 1_000_000, 12),
            7 => divide(truncated, 10_000_000, 8),
            8 => divide(truncated, 100_000_000, 5),
            _ => divide(truncated, 1_000_000_000, 2),
        }
    }

    /// The powers of ten of as many digits, nine at the most.
    pub(crate) fn units(self) -> &'static [u32] {
        const UNITS: [u32; 9] =
            [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        UNITS.get(9_usize.saturating_sub(self.0.into())..).unwrap_or_default()
    }
}

/// The quotient, of at most so many bits, and the rest of a division of 31 bits.
///
/// Its time does not depend on the value: dividing by a constant becomes a multiplication.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
pub(crate) fn divide(value: u32, unit: u32, _bits: u32) -> (u32, u32) {
    let unit = core::num::NonZeroU32::new(unit).unwrap_or(core::num::NonZeroU32::MIN);
    (value / unit, value % unit)
}

/// The quotient, of at most so many bits, and the rest of a division of 31 bits.
///
/// Its time does not depend on the value. Small processors divide in a time that does, or not at
/// all.
#[cfg(not(target_pointer_width = "64"))]
#[inline(never)]
pub(crate) fn divide(value: u32, unit: u32, bits: u32) -> (u32, u32) {
    by_hand(value, unit, bits)
}

/// Long division, a bit of the quotient a turn; `unit` shifted by `bits` must fit 32 bits.
#[cfg(any(test, not(target_pointer_width = "64")))]
#[inline(always)]
fn by_hand(value: u32, unit: u32, bits: u32) -> (u32, u32) {
    let (mut quotient, mut rest) = (0_u32, value);
    let mut step = unit.wrapping_shl(bits);
    for _ in 0..bits {
        step >>= 1;
        let less = rest.wrapping_sub(step);
        // All ones if that was too much.
        let borrow = (less >> 31).wrapping_neg();
        rest = less.wrapping_add(step & borrow);
        quotient = quotient.wrapping_mul(2).wrapping_add(1).wrapping_add(borrow);
    }
    (quotient, rest)
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::{Digits, by_hand};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dividing_by_hand_is_division(value in 0_u32..1 << 31) {
            for (unit, bits) in [
                (1_000_000, 12), (10_000_000, 8), (100_000_000, 5), (1_000_000_000, 2),
                (11_881_376, 8),
            ] {
                prop_assert_eq!(by_hand(value, unit, bits), (value / unit, value % unit));
            }
            for unit in Digits::NINE.units() {
                let value = value % (unit * 10);
                prop_assert_eq!(by_hand(value, *unit, 4), (value / unit, value % unit));
            }
        }
    }
}
