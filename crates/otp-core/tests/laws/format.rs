//! How many characters and how many codes a format has.

use otp_core::{CodeFormat, Digits};

use crate::oracle::FORMATS;

#[test]
fn lengths() {
    let lengths: Vec<u8> = FORMATS.iter().map(|format| format.length()).collect();
    assert_eq!(lengths, [6, 7, 8, 9, 10, 5]);
}

#[test]
fn six_digits_are_the_default() {
    assert_eq!(CodeFormat::default(), CodeFormat::Decimal(Digits::SIX));
    assert_eq!(CodeFormat::from(Digits::TEN), CodeFormat::Decimal(Digits::TEN));
}

/// One in `codes` is never below the odds of the likeliest code, and one in one more is.
#[test]
fn codes_are_what_a_guesser_reckons_with() {
    for format in FORMATS {
        let names: f64 = match format {
            CodeFormat::Decimal(digits) => 10_f64.powi(digits.get().into()),
            _ => 26_f64.powi(5),
        };
        // Of the 2^31 values the likeliest code has its share, rounded up.
        let truncated = 2_f64.powi(31);
        let likeliest = (truncated / names).ceil() / truncated;
        let codes = f64::from(format.guess_space());
        assert!(1.0 / codes >= likeliest, "{format:?}");
        assert!(1.0 / (codes + 1.0) < likeliest, "{format:?}");
    }
}
