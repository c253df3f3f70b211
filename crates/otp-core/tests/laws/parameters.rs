//! Formats, digits, periods, windows and instants, and the sizes of all types.

use otp_core::hazmat::{MacError, Midstates};
use otp_core::{
    Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch, Malformed, Period,
    Rejected, Repairs, Secret, SecretText, Totp, TotpMatch, TotpToken, UnixTime, Window,
};

/// Every code format.
pub const FORMATS: [CodeFormat; 6] = [
    CodeFormat::Decimal(Digits::SIX),
    CodeFormat::Decimal(Digits::SEVEN),
    CodeFormat::Decimal(Digits::EIGHT),
    CodeFormat::Decimal(Digits::NINE),
    CodeFormat::Decimal(Digits::TEN),
    CodeFormat::Steam,
];

#[test]
fn digits_are_six_to_ten() {
    for number in 0..=u8::MAX {
        let digits = Digits::new(number);
        assert_eq!(digits, Digits::try_from(number));
        match digits {
            Ok(digits) => {
                assert!((6..=10).contains(&number));
                assert_eq!((digits.get(), u8::from(digits)), (number, number));
                assert_eq!(digits.to_string(), number.to_string());
            }
            Err(error) => assert!(!(6..=10).contains(&number) && error == Error::Digits),
        }
    }
    let named = [Digits::SIX, Digits::SEVEN, Digits::EIGHT, Digits::NINE, Digits::TEN];
    assert_eq!(named.map(Digits::get), [6, 7, 8, 9, 10]);
    assert!(named.is_sorted());
    assert_eq!(Digits::default(), Digits::SIX);
}

#[test]
fn six_digits_are_the_default_format() {
    assert_eq!(CodeFormat::default(), CodeFormat::Decimal(Digits::SIX));
    assert_eq!(CodeFormat::from(Digits::TEN), CodeFormat::Decimal(Digits::TEN));
    assert_eq!(FORMATS.map(CodeFormat::length), [6, 7, 8, 9, 10, 5]);
}

/// One in `guess_space` is never below the odds of the likeliest code, and one in one more is.
#[test]
fn guess_space_is_that_of_the_likeliest_code() {
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

#[test]
fn period_is_at_least_a_second() {
    assert_eq!(Period::from_secs(0), Err(Error::Period));
    for seconds in [1, 30, 60, 1 << 32, u64::MAX] {
        let period = Period::from_secs(seconds).unwrap();
        assert_eq!((period.as_secs(), u64::from(period)), (seconds, seconds));
        assert_eq!(Period::try_from(seconds), Ok(period));
        assert_eq!(period.to_string(), seconds.to_string());
    }
    assert_eq!((Period::default(), Period::THIRTY.as_secs()), (Period::THIRTY, 30));
}

#[test]
fn window_holds_its_middle() {
    let sizes = [Window::ZERO, Window::ONE, Window::new(2, 5), Window::new(255, 255)];
    assert_eq!(sizes.map(|window| window.size()), [1, 3, 8, 511]);
    assert_eq!((Window::default(), Window::new(1, 1)), (Window::ONE, Window::ONE));
}

#[test]
fn instants_stop_at_the_ends() {
    let at = UnixTime::from_secs;
    let time = at(1_700_000_000);
    assert_eq!(time.saturating_add(30), at(1_700_000_030));
    assert_eq!(time.saturating_sub(30), at(1_699_999_970));
    assert_eq!(time.saturating_add(u64::MAX), at(u64::MAX));
    assert_eq!(time.saturating_sub(u64::MAX), UnixTime::EPOCH);
    assert_eq!(time.seconds_since(at(1_699_999_999)), 1);
    assert_eq!(time.seconds_since(at(u64::MAX)), 0);
    assert_eq!(time.to_string(), "1700000000");
}

// Servers with thousands of keys and devices with kilobytes of memory rely on these sizes.
const _: () = assert!(size_of::<Hotp>() <= 144 && size_of::<Totp>() <= 160);
const _: () = assert!(size_of::<Code>() == 8 && size_of::<CodeText>() <= 12);
const _: () = assert!(size_of::<TotpToken>() <= 32 && size_of::<TotpMatch>() <= 56);
const _: () = assert!(size_of::<HotpMatch>() <= 24);
const _: () = assert!(size_of::<Result<HotpMatch, Rejected>>() <= 32);
const _: () = assert!(size_of::<Error>() <= 16 && size_of::<Rejected>() <= 2);
const _: () = assert!(size_of::<Window>() == 2 && size_of::<Repairs>() == 1);

#[test]
fn types_go_to_any_thread_and_plain_values_are_copied() {
    fn anywhere<T: Send + Sync + Unpin + 'static>() {}
    anywhere::<(Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch)>();
    anywhere::<(Malformed, Period, Rejected, Repairs, Secret, SecretText, Totp, TotpMatch)>();
    anywhere::<(TotpToken, UnixTime, Window, Midstates<'static>, MacError<Error>)>();
    fn copied<T: Copy>() {}
    copied::<(Algorithm, Code, CodeFormat, CodeText, Digits, Error, Malformed, Period)>();
    copied::<(Rejected, Repairs, TotpToken, UnixTime, Window)>();
}
