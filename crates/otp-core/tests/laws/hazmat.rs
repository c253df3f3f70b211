//! MACs from elsewhere. The lanes of otp-bulk start from the midstates, and their tests compare codes.

use otp_core::hazmat::{self, MacError};
use otp_core::{Algorithm, CodeFormat, Error, Hotp, Window};

use crate::model;

const KEY: &[u8] = b"12345678901234567890";

#[derive(Debug, PartialEq, Eq)]
struct Unplugged;

#[test]
fn nineteen_bytes_are_the_least() {
    for length in 0..80 {
        for last in 0..=255 {
            let mut mac = vec![7; length];
            if let Some(byte) = mac.last_mut() {
                *byte = last;
            }
            let truncated = hazmat::truncate(&mac);
            // Refused by length alone, not by the offset that this MAC happens to have.
            if length < 19 {
                assert_eq!(truncated, Err(Error::MacLength));
            } else {
                assert_eq!(truncated, Ok(model::truncate(&mac)));
            }
        }
    }
    // With 19 bytes the last offset reads the last byte.
    let mut mac = [0; 19];
    (mac[15], mac[18]) = (0xff, 0x0f);
    assert_eq!(hazmat::truncate(&mac), Ok(0x7f00_000f));
}

#[test]
fn a_short_mac_is_an_error_of_its_own() {
    let format = CodeFormat::default();
    let short = |_| Ok::<_, Unplugged>([0_u8; 18]);
    let enough = |_| Ok::<_, Unplugged>([0_u8; 19]);
    assert_eq!(hazmat::generate(1, format, short), Err(MacError::Short));
    let code = hazmat::generate(1, format, enough).unwrap();
    assert_eq!(code.text().as_str(), "000000");
    let verify = hazmat::verify(code, format, 1, 0, Window::ZERO, short);
    assert_eq!(verify.unwrap_err(), MacError::Short);
    assert!(hazmat::verify(code, format, 1, 0, Window::ZERO, enough).unwrap().is_ok());
}

/// The whole window is asked for, once each and in order, even after a match. A device that fails in the
/// middle ends it, whatever matched before.
#[test]
fn every_counter_is_asked_for_and_a_failing_device_decides_nothing() {
    let code = Hotp::new(Algorithm::Sha1, KEY).unwrap().generate(9);
    for fails_at in 7..=13 {
        let mut asked = Vec::new();
        let mac = |message| {
            let counter = u64::from_be_bytes(message);
            asked.push(counter);
            if counter == fails_at {
                Err(Unplugged)
            } else {
                Ok(model::mac(Algorithm::Sha1, KEY, counter))
            }
        };
        let outcome = hazmat::verify(code, CodeFormat::default(), 10, 0, Window::new(3, 2), mac);
        assert!(asked.into_iter().eq(7..=fails_at.min(12)));
        match outcome {
            Ok(hit) => assert_eq!((fails_at, hit.unwrap().counter()), (13, 9)),
            Err(error) => assert!(fails_at < 13 && error == MacError::Failed(Unplugged)),
        }
    }
    let failed = hazmat::generate(1, CodeFormat::default(), |_| Err::<[u8; 20], _>(Unplugged));
    assert_eq!(failed, Err(MacError::Failed(Unplugged)));
}
