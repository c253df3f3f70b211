//! A code and its text.

use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp, Malformed, Window, hazmat};
use proptest::prelude::*;

use crate::oracle;

const SIX: CodeFormat = CodeFormat::Decimal(Digits::SIX);
const TEN: CodeFormat = CodeFormat::Decimal(Digits::TEN);

/// A code and a way to type it.
fn typed() -> impl Strategy<Value = (CodeFormat, u32, String)> {
    (oracle::formats(), 0..1_u32 << 31, prop::collection::vec("[ -]{0,2}", 11), any::<u16>())
        .prop_map(|(format, value, separators, lower)| {
            let mut text = separators[0].clone();
            for (place, letter) in oracle::text(format, value.into()).chars().enumerate() {
                let lower = lower >> place & 1 == 1;
                text.push(if lower { letter.to_ascii_lowercase() } else { letter });
                text += &separators[place + 1];
            }
            (format, value, text)
        })
}

proptest! {
    #[test]
    fn text_and_back((format, value, typed) in typed()) {
        let code = hazmat::code(value, format);
        let text = code.text();
        prop_assert_eq!(text.as_str(), oracle::text(format, value.into()));
        prop_assert_eq!(text.as_bytes(), text.as_str().as_bytes());
        prop_assert_eq!(text.to_string(), text.as_str());
        prop_assert_eq!(text.as_str().len(), usize::from(format.length()));
        prop_assert_eq!(format.parse(text.as_str()), Ok(code));
        prop_assert_eq!(format.parse(&typed), Ok(code));
        prop_assert_eq!(code.format(), format);
    }

    /// The top bit is no part of a truncated MAC.
    #[test]
    fn the_top_bit_is_ignored(value: u32, format in oracle::formats()) {
        prop_assert_eq!(hazmat::code(value, format), hazmat::code(value & 0x7fff_ffff, format));
    }

    /// Any digits of the right number are a code, and stay as they are.
    #[test]
    fn any_digits_round_trip(text in "[0-9]{6,10}") {
        let format = CodeFormat::Decimal(Digits::new(text.len() as u8).unwrap());
        let code = format.parse(&text).unwrap();
        prop_assert_eq!(code.text().to_string(), text);
    }

    /// Nothing but codes and separators is read, and nothing makes the reader fall over.
    #[test]
    fn whatever_is_read_is_digits_and_separators(text in "\\PC{0,12}", format in oracle::formats()) {
        let bare: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
        match format.parse(&text) {
            Ok(code) => prop_assert!(code.text().as_str().eq_ignore_ascii_case(&bare)),
            Err(Malformed::Character) => {
                let known = |letter: char| match format {
                    CodeFormat::Steam => letter.is_ascii_alphanumeric()
                        && !"01AEILOSUZ".contains(letter.to_ascii_uppercase()),
                    _ => letter.is_ascii_digit(),
                };
                prop_assert!(!bare.chars().all(known));
            }
            Err(Malformed::Length { expected }) => {
                prop_assert_eq!(expected, format.length());
                prop_assert_ne!(bare.len(), usize::from(expected));
            }
        }
    }

    /// Another character in any place is another code.
    #[test]
    fn every_character_counts(
        format in oracle::formats(), value in 0..1_u32 << 31, place in 0_usize..10, other in 0_u8..10
    ) {
        let text = hazmat::code(value, format).text().to_string();
        let place = place % text.len();
        let other = if format == CodeFormat::Steam { b'2' + other % 8 } else { b'0' + other };
        let mut changed = text.clone().into_bytes();
        changed[place] = other;
        let changed = String::from_utf8(changed).unwrap();
        let same = format.parse(&changed).unwrap() == format.parse(&text).unwrap();
        prop_assert_eq!(same, changed == text);
        // Nor does it match what was truncated.
        let mut mac = [0; 20];
        mac[..4].copy_from_slice(&value.to_be_bytes());
        let hit = hazmat::verify(
            format.parse(&changed).unwrap(), format, 0, 0, Window::ZERO, |_| Ok::<_, Malformed>(mac));
        prop_assert_eq!(hit.unwrap().is_ok(), changed == text);
    }

    /// Two codes are the same if they are written the same in the same format.
    #[test]
    fn equality(a in 0..1_u32 << 31, b in 0..1_u32 << 31, same: bool,
        f in oracle::formats(), g in oracle::formats()) {
        let b = if same { a } else { b };
        let equal = f == g && oracle::text(f, a.into()) == oracle::text(g, b.into());
        prop_assert_eq!(hazmat::code(a, f) == hazmat::code(b, g), equal);
    }
}

fn refused(format: CodeFormat, text: &str) -> Malformed {
    format.parse(text).expect_err("it is no code")
}

#[test]
fn what_no_code_has() {
    for text in [
        "１２３４５６", // full width
        "١٢٣٤٥٦",       // Arabic-Indic
        "۱۲۳۴۵۶",       // extended Arabic-Indic
        "12345²",       // superscript
        "12345\0",      // NUL
        "123456\0",
        "\u{feff}123456", // byte-order mark
        "123456\n",
        "123\t456",
        "123\u{a0}456",   // no-break space
        "123\u{2009}456", // thin space
        "123\u{2011}456", // no-break hyphen
        "123–456",        // dash
        "123_456",
        "123.456",
        "+123456",
        "12=3456",
        "12345x",
        "0x1234",
        "1e5000",
    ] {
        assert_eq!(refused(SIX, text), Malformed::Character, "{text:?}");
    }
    for text in ["", " ", "---", "12345", "1234567", "0123456", "00000", "123456123456"] {
        assert_eq!(refused(SIX, text), Malformed::Length { expected: 6 }, "{text:?}");
    }
    for text in ["FR8R1", "FR8R0", "FR8RA", "FR8RЕ", "ＦR8RV"] {
        assert_eq!(refused(CodeFormat::Steam, text), Malformed::Character, "{text:?}");
    }
    assert_eq!(refused(CodeFormat::Steam, "FR8RVV"), Malformed::Length { expected: 5 });
}

/// Lengths at which a counter of eight bits, or a value of 64, would wrap.
#[test]
fn too_long_by_any_measure() {
    let long = "0".repeat(1 << 20);
    for length in [7, 16, 20, 22, 255, 256, 256 + 6, 512 + 6, 65_536 + 6, 1 << 20] {
        assert_eq!(refused(SIX, &long[..length]), Malformed::Length { expected: 6 });
    }
    let spaced = |separators: usize| SIX.parse(&format!("123456{}", "- ".repeat(separators / 2)));
    assert!(spaced(CodeFormat::LONGEST_TEXT - 6).is_ok(), "separators are no part of the length");
    for separators in [CodeFormat::LONGEST_TEXT - 4, 10_000_000] {
        assert_eq!(spaced(separators), Err(Malformed::Length { expected: 6 }));
    }
}

#[test]
fn leading_zeros_count() {
    let code = SIX.parse("000042").unwrap();
    assert_eq!(code.text().as_str(), "000042");
    assert_eq!(code, hazmat::code(42, SIX));
    assert_eq!(refused(SIX, "42"), Malformed::Length { expected: 6 });
}

/// Ten digits say more than 31 bits do: such a code reads and shows well, and matches nothing.
#[test]
fn ten_digits_above_31_bits_match_nothing() {
    let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap().with_format(TEN);
    let fits = "2147483647";
    assert_eq!(TEN.parse(fits), Ok(hazmat::code(i32::MAX as u32, TEN)));

    for text in ["2147483648", "4294967295", "4294967296", "5579767520", "9999999999"] {
        let code = TEN.parse(text).unwrap();
        assert_eq!(code.text().as_str(), text);
        assert!(hotp.verify(code, 1000, Window::new(255, 255)).is_err());
    }

    // What a code and 2^32, or 2^31, make is another code.
    for counter in 0..20 {
        let right = hotp.generate(counter);
        let value: u64 = right.text().as_str().parse().unwrap();
        assert_eq!(TEN.parse(&format!("{value:010}")), Ok(right));
        for wrapped in [value + (1 << 31), value + (1 << 32)] {
            let code = TEN.parse(&format!("{wrapped:010}")).unwrap();
            assert_ne!(code, right);
            assert!(hotp.verify(code, counter, Window::ZERO).is_err());
        }
    }
}

#[test]
fn padding_of_text_is_that_of_a_string() {
    let text = hazmat::code(42, SIX).text();
    assert_eq!(format!("[{text:>8}] [{text:<8}]"), "[  000042] [000042  ]");
}

/// A code is small and needs no heap, so it is copied.
#[test]
fn a_code_is_a_plain_value() {
    fn plain<T: Copy + Send + Sync + 'static>() {}
    plain::<Code>();
    assert_eq!(size_of::<Code>(), 8);
}
