//! Codes are made, written, read and verified without a heap.

#![allow(missing_docs, clippy::unwrap_used)]

use core::hint::black_box;

use allocation_counter::measure;
use otp_core::{Algorithm, CodeFormat, Digits, Hotp, Secret, Totp, UnixTime, Window, base32, hex};

const KEY: &[u8] = b"12345678901234567890";

/// How many times a piece of work asked for memory.
fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

/// Control: one string is one allocation.
#[test]
fn a_string_is_counted() {
    assert_eq!(allocations(|| drop(black_box(String::from("123456")))), 1);
}

#[test]
fn codes_need_no_heap() {
    let long = [7; 200];
    for algorithm in Algorithm::ALL {
        for key in [KEY, &long] {
            let count = allocations(|| {
                let hotp = Hotp::new(*algorithm, black_box(key)).unwrap();
                let code = black_box(hotp.generate(black_box(7)));
                let text = black_box(code.text());
                assert_eq!(hotp.parse(text.as_str()), Ok(code));
                assert!(hotp.parse("no code").is_err());
                assert!(hotp.verify(code, 3, Window::new(2, 255)).is_ok());
                assert!(hotp.verify(code, 9, Window::new(255, 255)).is_err());
                let codes = [hotp.generate(400), hotp.generate(401)];
                assert!(hotp.resync(&codes, 0, 500).is_ok());

                let totp = Totp::new(*algorithm, key).unwrap().with_format(CodeFormat::Steam);
                let now = UnixTime::from_secs(1_700_000_000);
                let token = black_box(totp.generate(now));
                assert!(totp.verify(token.code(), now, Window::ONE, 0).is_ok());
                assert!(totp.parse(black_box("fr8-rv")).is_ok());
            });
            assert_eq!(count, 0);
        }
    }
}

#[test]
fn keys_are_read_and_written_in_place() {
    let count = allocations(|| {
        let (mut text, mut key) = ([0; 40], [0; 40]);
        let written = base32::encode(KEY, &mut text).unwrap();
        let read = base32::decode(written, otp_core::Repairs::TYPED, &mut key).unwrap();
        assert_eq!(read.0, KEY);
        let written = hex::encode(KEY, &mut text).unwrap();
        let read = hex::decode(written, otp_core::Repairs::TYPED, &mut key).unwrap();
        assert_eq!(read.0, KEY);
        assert!("HmacSHA256".parse::<Algorithm>().is_ok());
        assert!(Digits::new(11).is_err());
    });
    assert_eq!(count, 0);
}

/// An owned key is one allocation, of what its text can hold and no more.
#[test]
fn an_owned_key_takes_the_room_of_its_text() {
    let text = "a7".repeat(20);
    let hex = measure(|| drop(black_box(Secret::from_hex(&text).unwrap())));
    assert_eq!((hex.count_total, hex.bytes_max), (1, 20));
    let base32 = measure(|| drop(black_box(Secret::from_base32(&text).unwrap())));
    assert_eq!((base32.count_total, base32.bytes_max), (1, 25));
}
