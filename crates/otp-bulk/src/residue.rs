use otp_core::{Code, CodeFormat, hazmat};

use crate::width::LANES;

/// Finds the truncated MACs that give a code, for all lanes at once.
///
/// Not constant time: the duration reveals the number of matches.
pub(crate) enum Residue {
    Decimal(Decimal),
    /// Formats for which a search is rare, and need not be fast.
    Other(Code),
}

impl Residue {
    pub(crate) fn of(code: Code) -> Self {
        Decimal::of(code).map_or(Self::Other(code), Self::Decimal)
    }

    /// Returns for each lane whether its truncated MAC gives the code.
    #[inline]
    pub(crate) fn hits(&self, truncated: &[u32; LANES]) -> [bool; LANES] {
        match self {
            Self::Decimal(decimal) => truncated.map(|value| decimal.is_left_by(value)),
            Self::Other(code) => truncated.map(|value| hazmat::code(value, code.format()) == *code),
        }
    }
}

/// A code of six to nine digits.
///
/// A truncated MAC gives the code if it differs from it by a multiple of 10^digits, which is
/// 2^digits * 5^digits. Multiplying by the inverse of the odd part modulo 2^32 divides every multiple of
/// it exactly, and rotating divides by the power of two. Every other number becomes larger than any
/// quotient. This needs no division, and the same few operations for every lane.
#[derive(Clone, Copy)]
pub(crate) struct Decimal {
    /// 10^digits minus the code: adding it subtracts the code without a borrow.
    addend: u32,
    /// The inverse of 5^digits.
    inverse: u32,
    digits: u32,
    most: u32,
}

impl Decimal {
    fn of(code: Code) -> Option<Self> {
        let CodeFormat::Decimal(digits) = code.format() else { return None };
        let digits = u32::from(digits.get());
        // Ten digits can express more than all 31 bits.
        let modulus = 10_u32.checked_pow(digits)?;
        let value: u32 = code.text().as_str().parse().ok()?;
        Some(Self {
            addend: modulus.checked_sub(value)?,
            inverse: inverse(5_u32.checked_pow(digits)?),
            digits,
            most: u32::MAX.checked_div(modulus)?,
        })
    }

    #[inline(always)]
    const fn is_left_by(self, truncated: u32) -> bool {
        let difference = truncated.wrapping_add(self.addend);
        difference.wrapping_mul(self.inverse).rotate_right(self.digits) <= self.most
    }
}

/// Returns the inverse of an odd number modulo 2^32. Each step of Newton's method doubles the number of
/// correct bits.
fn inverse(odd: u32) -> u32 {
    // Every odd number is its own inverse modulo 8.
    (0..4)
        .fold(odd, |inverse, _| inverse.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(inverse))))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{Decimal, Residue, inverse};
    use crate::width::LANES;
    use otp_core::{CodeFormat, Digits, hazmat};
    use proptest::prelude::*;
    use std::format;

    fn any_format() -> impl Strategy<Value = CodeFormat> {
        let decimal = (6_u8..=10).prop_map(|digits| Digits::new(digits).unwrap().into());
        prop_oneof![5 => decimal, 1 => Just(CodeFormat::Steam)]
    }

    /// Returns any value, and often the lowest or the highest.
    fn any_truncated() -> impl Strategy<Value = u32> {
        const TOP: u32 = (1 << 31) - 1;
        prop_oneof![0..=TOP, 0_u32..4, TOP - 3..=TOP]
    }

    proptest! {
        #[test]
        fn the_inverse_is_one(odd: u32) {
            let odd = odd | 1;
            prop_assert_eq!(odd.wrapping_mul(inverse(odd)), 1);
        }

        #[test]
        fn a_hit_is_a_code_that_is_equal(
            truncated in proptest::array::uniform16(any_truncated()),
            format in any_format(),
            wanted in any_truncated(),
            lane in 0..LANES,
        ) {
            let by_codes = |wanted| truncated.map(|it| hazmat::code(it, format) == wanted);
            for wanted in [wanted, truncated[lane], truncated[lane] % 1_000_000] {
                let code = hazmat::code(wanted, format);
                prop_assert_eq!(Residue::of(code).hits(&truncated), by_codes(code));
            }
        }

        #[test]
        fn ten_digits_above_31_bits_are_never_hit(above in (1_u64 << 31)..10_000_000_000) {
            let format = CodeFormat::Decimal(Digits::TEN);
            let code = format.parse(&format!("{above:010}")).unwrap();
            let truncated = [(above & 0x7fff_ffff) as u32; LANES];
            prop_assert_eq!(Residue::of(code).hits(&truncated), [false; LANES]);
        }
    }

    #[test]
    fn multiples_match_and_their_neighbours_do_not() {
        let code = CodeFormat::default().parse("123456").unwrap();
        let decimal = Decimal::of(code).unwrap();
        for times in 0..=2_147 {
            let multiple = times * 1_000_000 + 123_456;
            assert!(decimal.is_left_by(multiple));
            assert!(!decimal.is_left_by(multiple - 1) && !decimal.is_left_by(multiple + 1));
        }
    }
}
