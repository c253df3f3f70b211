//! Codes are made, written, read and verified without a heap.

#![cfg(test)]

use core::hint::black_box;

use allocation_counter::measure;
use otp_core::{
    Algorithm, CodeFormat, Digits, Hotp, Repairs, Secret, Totp, UnixTime, Window, base32, hex,
};

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
fn codes_and_keys_in_place_need_no_heap() {
    for algorithm in Algorithm::ALL {
        for key in [KEY, &[7; 200]] {
            let count = allocations(|| {
                let hotp = Hotp::new(*algorithm, black_box(key)).unwrap();
                let code = black_box(hotp.generate(black_box(7)));
                assert_eq!(hotp.parse(black_box(code.text()).as_str()), Ok(code));
                assert!(hotp.parse("no code").is_err());
                assert!(hotp.verify(code, 3, Window::new(2, 255)).is_ok());
                assert!(hotp.verify(code, 9, Window::new(255, 255)).is_err());
                assert!(hotp.resync(&[hotp.generate(400), hotp.generate(401)], 0, 500).is_ok());

                let totp = Totp::new(*algorithm, key).unwrap().with_format(CodeFormat::Steam);
                let now = UnixTime::from_secs(1_700_000_000);
                let token = black_box(totp.generate(now));
                assert!(totp.verify(token.code(), now, Window::ONE, 0).is_ok());

                let (mut text, mut read) = ([0; 400], [0; 400]);
                let written = base32::encode(key, &mut text).unwrap();
                assert_eq!(base32::decode(written, Repairs::TYPED, &mut read).unwrap().0, key);
                let written = hex::encode(key, &mut text).unwrap();
                assert_eq!(hex::decode(written, Repairs::TYPED, &mut read).unwrap().0, key);
                assert!("HmacSHA256".parse::<Algorithm>().is_ok() && Digits::new(11).is_err());
            });
            assert_eq!(count, 0);
        }
    }
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
