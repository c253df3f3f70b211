//! The number of digits.

use otp_core::{Digits, Error};

#[test]
fn six_to_ten() {
    for number in 0..=u8::MAX {
        let digits = Digits::new(number);
        assert_eq!(digits, Digits::try_from(number));
        match digits {
            Ok(digits) => {
                assert!((6..=10).contains(&number));
                assert_eq!((digits.get(), u8::from(digits)), (number, number));
                assert_eq!(digits.to_string(), number.to_string());
            }
            Err(error) => {
                assert!(!(6..=10).contains(&number));
                assert_eq!(error, Error::Digits);
            }
        }
    }
}

#[test]
fn named() {
    let named = [Digits::SIX, Digits::SEVEN, Digits::EIGHT, Digits::NINE, Digits::TEN];
    assert_eq!(named.map(Digits::get), [6, 7, 8, 9, 10]);
    assert!(named.is_sorted());
    assert_eq!(Digits::default(), Digits::SIX);
}
