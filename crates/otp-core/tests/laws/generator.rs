//! Generating, against `hmac`.

use otp_core::{Algorithm, CodeFormat, Error, Hotp, Period, Secret, Totp, UnixTime};

use crate::model;
use crate::parameters::FORMATS;

/// Lengths around the blocks of the hashes, where keys are treated differently.
pub const KEY_LENGTHS: [usize; 10] = [1, 19, 20, 63, 64, 65, 127, 128, 129, 200];

/// Counters at which some integer or float gives up.
pub const COUNTERS: [u64; 6] = [0, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 63, u64::MAX];

#[test]
fn every_edge_agrees_with_hmac() {
    for algorithm in Algorithm::ALL {
        for length in KEY_LENGTHS {
            let key: Vec<u8> = (0..length).map(|i| (i * 7 + length) as u8).collect();
            for format in FORMATS {
                let hotp = Hotp::new(*algorithm, &key).unwrap().with_format(format);
                for counter in COUNTERS {
                    let expected = model::text(format, model::truncated(*algorithm, &key, counter));
                    let code = hotp.generate(counter);
                    assert_eq!(code.text().as_str(), expected, "{hotp:?} {length} {counter}");
                }
            }
        }
    }
}

#[test]
fn secret_makes_the_same_generators() {
    let secret = Secret::new(b"12345678901234567890").unwrap();
    for algorithm in Algorithm::ALL {
        let plain = Hotp::new(*algorithm, secret.reveal()).unwrap().with_format(CodeFormat::Steam);
        let hotp = Hotp::from_secret(*algorithm, &secret).with_format(CodeFormat::Steam);
        let totp = Totp::from_secret(*algorithm, &secret).with_format(CodeFormat::Steam);
        for made in [&hotp, totp.hotp()] {
            assert_eq!((made.algorithm(), made.format()), (*algorithm, CodeFormat::Steam));
            assert_eq!(made.generate(7), plain.generate(7));
        }
    }
}

#[test]
fn key_without_a_byte_is_refused() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Hotp::new(*algorithm, b"").unwrap_err(), Error::EmptyKey);
        assert_eq!(Totp::new(*algorithm, b"").unwrap_err(), Error::EmptyKey);
        assert!(Hotp::new(*algorithm, b"\0").is_ok());
    }
    assert_eq!(Totp::steam(b"").unwrap_err(), Error::EmptyKey);
}

#[test]
fn defaults_are_those_of_the_key_uri_format() {
    let totp = Totp::new(Algorithm::default(), b"key").unwrap();
    assert_eq!((totp.algorithm(), totp.format()), (Algorithm::Sha1, FORMATS[0]));
    assert_eq!((totp.period(), totp.t0()), (Period::THIRTY, UnixTime::EPOCH));
}
