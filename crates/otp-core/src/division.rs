//! Division of secret numbers, in constant time. The division of a processor takes a time that depends
//! on the number. It also serves processors without division, where a routine would take more flash
//! than the rest of a code.

use core::num::{NonZeroU32, NonZeroU64};

/// Whether the processor divides 64 bits by itself.
const WIDE: bool = cfg!(any(target_pointer_width = "64", target_arch = "wasm32"));

/// Whether the processor divides 32 bits by itself: RISC-V with extension M, and ARM from ARMv7-M
/// on. Those of ARM that cannot (ARMv6-M) cannot compare and swap either.
const NARROW: bool = cfg!(any(target_feature = "m", target_has_atomic = "32"));

/// Divides a span of seconds.
#[inline(always)]
pub(crate) fn by_period(seconds: u64, period: NonZeroU64) -> u64 {
    // Dividing by a `NonZero` cannot panic, so nothing is checked.
    if WIDE { seconds / period } else { in_halves(seconds, period) }
}

/// Long division, one bit of the quotient a turn; in 32 bits where they are enough, which they are
/// until 2106.
#[inline(always)]
fn in_halves(seconds: u64, period: NonZeroU64) -> u64 {
    if let (Ok(seconds), Ok(period)) = (u32::try_from(seconds), NonZeroU32::try_from(period)) {
        return if NARROW { seconds / period } else { in_turns(seconds, period) }.into();
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

#[inline(always)]
fn in_turns(seconds: u32, period: NonZeroU32) -> u32 {
    let (mut quotient, mut rest, mut step, mut turns) = (0, seconds, period.get(), 1_u32);
    for shift in [8, 1] {
        while step <= rest >> shift {
            (step, turns) = (step << shift, turns.wrapping_add(shift));
        }
    }
    for _ in 0..turns {
        quotient <<= 1;
        if let Some(less) = rest.checked_sub(step) {
            (rest, quotient) = (less, quotient | 1);
        }
        step >>= 1;
    }
    quotient
}

/// Multiplying by the first and shifting by the second divides any number of up to 31 bits by a
/// unit of codes.
///
/// Written out, since the compiler keeps a division where it saves size or does not optimise, and
/// the time of that depends on the number.
#[inline(always)]
const fn reciprocal(unit: u32) -> (u64, u32) {
    // By 30 more than the unit has bits: enough for every unit in use, if not for every number.
    let shift = 62_u32.wrapping_sub(unit.leading_zeros());
    let below = match 1_u64.wrapping_shl(shift).wrapping_sub(1).checked_div(unit as u64) {
        Some(quotient) => quotient,
        None => 0,
    };
    (below.wrapping_add(1), shift)
}

/// The quotient and the rest of a division of 31 bits. `unit` is no secret.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "no quotient is more than what is divided")]
const fn by_product(value: u32, unit: u32) -> (u32, u32) {
    let (factor, shift) = reciprocal(unit);
    let quotient = (value as u64).wrapping_mul(factor).wrapping_shr(shift) as u32;
    (quotient, value.wrapping_sub(quotient.wrapping_mul(unit)))
}

/// A tenth, and the digit that is left, for any number of up to 31 bits; without a branch on it.
///
/// A Cortex-M3 alone multiplies to 64 bits in a time that depends on the number.
#[inline(always)]
pub(crate) const fn by_ten(value: u32) -> (u32, u32) {
    if WIDE || NARROW { by_product(value, 10) } else { by_ten_in_shifts(value) }
}

/// 0.8 is 0.110011001100… in binary: its sixteenfold repetition is one shift and addition each.
#[inline(always)]
const fn by_ten_in_shifts(value: u32) -> (u32, u32) {
    let mut eight = (value >> 1).wrapping_add(value >> 2);
    eight = eight.wrapping_add(eight >> 4);
    eight = eight.wrapping_add(eight >> 8);
    eight = eight.wrapping_add(eight >> 16);
    // At most one too little.
    let tenth = eight >> 3;
    let rest = value.wrapping_sub(tenth.wrapping_mul(10));
    let more = rest.wrapping_add(6) >> 4;
    (tenth.wrapping_add(more), rest.wrapping_sub(more.wrapping_mul(10)))
}

/// The quotient, of at most so many bits, and the rest of a division of 31 bits.
///
/// Its time does not depend on the value.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
pub(crate) const fn by_unit(value: u32, unit: u32, _bits: u32) -> (u32, u32) {
    by_product(value, unit)
}

/// The quotient, of at most so many bits, and the rest of a division of 31 bits.
///
/// Its time does not depend on the value. Some small processors multiply to 64 bits in a time that
/// does, or not at all.
#[cfg(not(target_pointer_width = "64"))]
#[inline(never)]
pub(crate) fn by_unit(value: u32, unit: u32, bits: u32) -> (u32, u32) {
    by_unit_in_turns(value, unit, bits)
}

/// Long division, a bit of the quotient a turn; `unit` shifted by `bits` must fit 32 bits.
#[cfg(any(test, not(target_pointer_width = "64")))]
#[inline(always)]
fn by_unit_in_turns(value: u32, unit: u32, bits: u32) -> (u32, u32) {
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use core::num::{NonZeroU32, NonZeroU64};

    use proptest::prelude::*;

    use super::{
        by_product, by_ten, by_ten_in_shifts, by_unit_in_turns, in_halves, in_turns, reciprocal,
    };

    /// Every unit that secret numbers are divided by.
    const UNITS: [u32; 11] = [
        10,
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        11_881_376,
        456_976,
        17_576,
        676,
        26,
        1,
    ];

    proptest! {
        #[test]
        fn a_span_in_halves_is_a_division(a: u64, b in 1_u64.., less in 0_u32..64, shift in 0_u32..64) {
            let (a, b) = (a >> less, NonZeroU64::new(b >> shift).unwrap_or(NonZeroU64::MIN));
            prop_assert_eq!(in_halves(a, b), a / b);
        }

        #[test]
        fn a_span_in_turns_is_a_division(a: u32, b in 1_u32.., less in 0_u32..32, shift in 0_u32..32) {
            let (a, b) = (a >> less, NonZeroU32::new(b >> shift).unwrap_or(NonZeroU32::MIN));
            prop_assert_eq!(in_turns(a, b), a / b);
        }

        #[test]
        fn by_ten_is_a_division(value in 0_u32..1 << 31, shift in 0_u32..32) {
            for value in [value, value >> shift, value / 10 * 10, (value / 10 * 10).wrapping_sub(1)] {
                prop_assert_eq!(by_ten_in_shifts(value), (value / 10, value % 10));
                prop_assert_eq!(by_ten(value), (value / 10, value % 10));
            }
        }

        #[test]
        fn by_product_is_a_division(value in 0_u32..1 << 31) {
            for unit in UNITS {
                prop_assert_eq!(by_product(value, unit), (value / unit, value % unit));
            }
        }

        #[test]
        fn by_unit_is_a_division(value in 0_u32..1 << 31) {
            for (unit, bits) in [
                (1_000_000, 12), (10_000_000, 8), (100_000_000, 5), (1_000_000_000, 2),
                (11_881_376, 8),
            ] {
                prop_assert_eq!(by_unit_in_turns(value, unit, bits), (value / unit, value % unit));
            }
            for unit in [456_976, 17_576, 676, 26, 1] {
                let value = value % (unit * 26);
                prop_assert_eq!(by_unit_in_turns(value, unit, 5), (value / unit, value % unit));
            }
        }
    }

    /// Where 2^shift = unit * factor - excess, the quotient comes out too large by value * excess /
    /// (unit * 2^shift): below 1 / unit for every value, which reaches no whole number.
    #[test]
    fn a_reciprocal_is_exact_for_31_bits() {
        let excess = |unit: u32, factor: u64, shift: u32| {
            (u128::from(factor) * u128::from(unit)).checked_sub(1 << shift)
        };
        let exact = |unit: u32, factor: u64, shift: u32| {
            excess(unit, factor, shift).is_some_and(|it| it * ((1 << 31) - 1) < 1 << shift)
        };
        for unit in UNITS {
            let (factor, shift) = reciprocal(unit);
            assert!(exact(unit, factor, shift), "{unit}");
            assert!(u64::from(u32::MAX >> 1).checked_mul(factor).is_some(), "{unit}");
            // The controls.
            assert!(!exact(unit, factor - 1, shift) && !exact(unit, factor + 3, shift), "{unit}");
        }
    }

    /// Next to the multiples, where a spoilt constant shows first.
    #[test]
    fn by_product_at_the_multiples_and_the_ends() {
        const END: u32 = (1 << 31) - 1;
        for unit in UNITS {
            // All of them, or the ends of the range if they are very many.
            let all = END / unit;
            let many = all.min(3_000);
            for times in (0..=many).chain(all - many..=all) {
                for value in [(times * unit).saturating_sub(1), times * unit, times * unit + 1, END]
                {
                    assert_eq!(by_product(value, unit), (value / unit, value % unit), "{value}");
                }
            }
        }
    }

    /// The ends of the range, where a spoilt constant shows first.
    #[test]
    fn spans_at_the_ends_of_their_range() {
        for a in
            [0, 1, u64::from(u32::MAX) - 1, u64::from(u32::MAX), 1 << 32, u64::MAX - 1, u64::MAX]
        {
            for b in
                [1, 2, 30, (1 << 31) - 1, 1 << 31, u64::from(u32::MAX), 1 << 32, 1 << 63, u64::MAX]
            {
                let period = NonZeroU64::new(b).unwrap_or(NonZeroU64::MIN);
                assert_eq!(in_halves(a, period), a / b, "{a} / {b}");
                if let (Ok(a), Ok(period)) = (u32::try_from(a), NonZeroU32::try_from(period)) {
                    assert_eq!(in_turns(a, period), a / period, "{a} / {b}");
                }
            }
        }
    }
}
