//! A code and its text. The law of `code_text` has the rest.

use otp_core::{Algorithm, CodeFormat, Digits, Hotp, Window, hazmat};
use proptest::prelude::*;

use crate::model;
use crate::parameters::FORMATS;

const SIX: CodeFormat = CodeFormat::Decimal(Digits::SIX);
const TEN: CodeFormat = CodeFormat::Decimal(Digits::TEN);

fn formats() -> impl Strategy<Value = CodeFormat> {
    prop::sample::select(&FORMATS[..])
}

proptest! {
    /// The top bit is no part of a truncated MAC.
    #[test]
    fn each_value_has_its_text(value: u32, format in formats()) {
        let code = hazmat::code(value, format);
        let text = code.text();
        prop_assert_eq!(text.as_str(), model::text(format, value % (1 << 31)));
        prop_assert_eq!(text.as_bytes(), text.as_str().as_bytes());
        prop_assert_eq!((code.format(), format.parse(text.as_str())), (format, Ok(code)));
    }

    /// Another character in any place is another code, which does not match what was truncated.
    #[test]
    fn every_character_counts(
        format in formats(), value in 0..1_u32 << 31, place in 0_usize..10, other in 0_u8..10
    ) {
        let code = hazmat::code(value, format);
        let mut typed = code.text().as_bytes().to_vec();
        let place = place % typed.len();
        typed[place] = if format == CodeFormat::Steam { b'2' + other % 8 } else { b'0' + other };
        let same = typed == code.text().as_bytes();
        let typed = format.parse(&String::from_utf8(typed).unwrap()).unwrap();
        prop_assert_eq!(typed == code, same);
        let mac = |_| Ok::<_, ()>([&value.to_be_bytes()[..], &[0; 16]].concat());
        let hit = hazmat::verify(typed, format, 0, 0, Window::ZERO, mac).unwrap();
        prop_assert_eq!(hit.is_ok(), same);
    }

    /// Two codes are the same if they are written the same in the same format.
    #[test]
    fn equality_is_that_of_format_and_text(
        a in 0..1_u32 << 31, b in 0..1_u32 << 31, same: bool, f in formats(), g in formats()
    ) {
        let b = if same { a } else { b };
        let equal = f == g && model::text(f, a) == model::text(g, b);
        prop_assert_eq!(hazmat::code(a, f) == hazmat::code(b, g), equal);
    }
}

/// Ten digits say more than 31 bits do: such a code reads and shows well, and matches nothing.
#[test]
fn ten_digits_above_31_bits_match_nothing() {
    let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap().with_format(TEN);
    assert_eq!(TEN.parse("2147483647"), Ok(hazmat::code(i32::MAX as u32, TEN)));
    for text in ["2147483648", "4294967295", "4294967296", "5579767520", "9999999999"] {
        let code = TEN.parse(text).unwrap();
        assert_eq!(code.text().as_str(), text);
        assert!(hotp.verify(code, 1000, Window::new(255, 255)).is_err());
    }

    // What a code and 2^32, or 2^31, make is another code.
    for counter in 0..20 {
        let right = hotp.generate(counter);
        let value: u64 = right.text().as_str().parse().unwrap();
        for wrapped in [value + (1 << 31), value + (1 << 32)] {
            let code = TEN.parse(&format!("{wrapped:010}")).unwrap();
            assert!(code != right && hotp.verify(code, counter, Window::ZERO).is_err());
        }
    }
}

#[test]
fn padding_of_text_is_that_of_a_string() {
    let text = hazmat::code(42, SIX).text();
    assert_eq!(format!("[{text:>8}] [{text:<8}]"), "[  000042] [000042  ]");
}
