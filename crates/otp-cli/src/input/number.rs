use std::fmt;

use otp_core::{Digits, Period};

/// The bound of a value, in words that follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound(pub(crate) &'static str);

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Bound {}

/// Reads a whole number: ASCII digits, without a sign or a fraction.
pub(crate) fn whole(text: &str) -> Result<u64, Bound> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Bound("must be a whole number, 0 or more"));
    }
    text.parse().map_err(|_| Bound("must be at most 18446744073709551615"))
}

pub(crate) fn digits(text: &str) -> Result<Digits, Bound> {
    let bound = Bound("must be 6 to 10");
    let number = whole(text).ok().and_then(|number| u8::try_from(number).ok());
    number.and_then(|number| Digits::new(number).ok()).ok_or(bound)
}

pub(crate) fn period(text: &str) -> Result<Period, Bound> {
    let bound = Bound("must be 1 to 18446744073709551615 seconds, without a unit");
    let number = whole(text).ok().and_then(|number| Period::from_secs(number).ok());
    number.ok_or(bound)
}

pub(crate) fn steps(text: &str) -> Result<u8, Bound> {
    let number = whole(text).ok().and_then(|number| u8::try_from(number).ok());
    number.ok_or(Bound("must be 0 to 255"))
}

pub(crate) fn count(text: &str) -> Result<u64, Bound> {
    let number = whole(text).ok().filter(|number| *number > 0);
    number.ok_or(Bound("must be 1 to 18446744073709551615"))
}

/// Reads how many counters to search: beyond ten million, a guess of two six-digit codes succeeds
/// too often.
pub(crate) fn counters(text: &str) -> Result<u64, Bound> {
    let number = whole(text).ok().filter(|number| (1..=10_000_000).contains(number));
    number.ok_or(Bound("must be 1 to 10000000"))
}

/// Reads the length of a new key.
pub(crate) fn bytes(text: &str) -> Result<usize, Bound> {
    let bound = Bound("must be 16 to 128");
    let number = whole(text).ok().and_then(|number| usize::try_from(number).ok());
    number.filter(|number| (16..=128).contains(number)).ok_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_ascii_digits_over_all_of_u64() {
        assert_eq!(whole("0"), Ok(0));
        assert_eq!(whole("007"), Ok(7));
        assert_eq!(whole("18446744073709551615"), Ok(u64::MAX));
        for text in ["", "-1", "+1", "1.5", "1e3", " 1", "1_0", "0x1", "１２", "٣", "1\0"] {
            assert_eq!(whole(text), Err(Bound("must be a whole number, 0 or more")), "{text:?}");
        }
        let bound = Bound("must be at most 18446744073709551615");
        assert_eq!(whole("18446744073709551616"), Err(bound));
    }

    #[test]
    fn numbers_out_of_range_are_rejected() {
        for text in ["0", "5", "11", "256", "262", "-6", "6.0", "six"] {
            assert!(digits(text).is_err(), "{text}");
        }
        assert_eq!(digits("10"), Ok(Digits::TEN));
        assert!(period("0").is_err());
        assert_eq!(period("1").map(Period::as_secs), Ok(1));
        assert!(steps("256").is_err());
        assert_eq!(steps("255"), Ok(255));
        assert!(count("0").is_err());
        for (text, fits) in [("0", false), ("1", true), ("10000000", true), ("10000001", false)] {
            assert_eq!(counters(text).is_ok(), fits, "{text}");
        }
        for (text, fits) in [("15", false), ("16", true), ("128", true), ("129", false)] {
            assert_eq!(bytes(text).is_ok(), fits, "{text}");
        }
    }
}
