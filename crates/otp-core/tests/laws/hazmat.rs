//! MACs from elsewhere, and the parts of the whole.

use otp_core::hazmat::{self, MacError, Midstates};
use otp_core::{Algorithm, CodeFormat, Digits, Error, Hotp, Rejected, Window};
use proptest::prelude::*;

use crate::oracle;

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
                assert_eq!(u64::from(truncated.unwrap()), oracle::truncated(&mac));
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

/// A device that fails in the middle ends it, whatever matched before.
#[test]
fn a_failing_device_decides_nothing() {
    let code = Hotp::new(Algorithm::Sha1, KEY).unwrap().generate(10);
    for fails_at in 8..=12 {
        let mut calls = 0;
        let outcome =
            hazmat::verify(code, CodeFormat::default(), 10, 0, Window::new(2, 2), |message| {
                calls += 1;
                let counter = u64::from_be_bytes(message);
                if counter == fails_at {
                    return Err(Unplugged);
                }
                Ok(oracle::mac(Algorithm::Sha1, KEY, counter))
            });
        assert_eq!(outcome.unwrap_err(), MacError::Failed(Unplugged));
        assert_eq!(calls, fails_at - 7, "it is not called again");
    }
    let failed = hazmat::generate(1, CodeFormat::default(), |_| Err::<[u8; 20], _>(Unplugged));
    assert_eq!(failed, Err(MacError::Failed(Unplugged)));
}

/// Whatever its value, and whether the MAC that would give it is asked for or not.
#[test]
fn a_code_of_another_format_matches_nothing() {
    let mac = |_| Ok::<_, Unplugged>([0_u8; 20]);
    let formats = (6..=10).map(|digits| CodeFormat::Decimal(Digits::new(digits).unwrap()));
    let formats: Vec<_> = formats.chain([CodeFormat::Steam]).collect();
    for typed in &formats {
        for format in &formats {
            let code = hazmat::generate(1, *typed, mac).unwrap();
            let verdict = hazmat::verify(code, *format, 1, 0, Window::ZERO, mac).unwrap();
            let wanted = if typed == format { Ok(1) } else { Err(Rejected::Mismatch) };
            assert_eq!(verdict.map(|hit| hit.counter()), wanted, "{typed:?} for {format:?}");
        }
    }
}

/// The whole window, once each and in order, even after a match.
#[test]
fn every_counter_is_asked_for() {
    let code = Hotp::new(Algorithm::Sha1, KEY).unwrap().generate(9);
    let mut asked = Vec::new();
    let outcome =
        hazmat::verify(code, CodeFormat::default(), 10, 0, Window::new(3, 2), |message| {
            asked.push(u64::from_be_bytes(message));
            Ok::<_, Unplugged>(oracle::mac(Algorithm::Sha1, KEY, u64::from_be_bytes(message)))
        });
    let hit = outcome.unwrap().unwrap();
    assert_eq!((hit.counter(), hit.expected(), hit.drift()), (9, 10, -1));
    assert_eq!(asked, [7, 8, 9, 10, 11, 12]);
}

proptest! {
    /// With `hmac` in the place of the device, all is as without.
    #[test]
    fn as_the_generator(
        known in oracle::generators(), next in oracle::counters(), typed in 0_u64..12,
        behind in 0_u8..5, ahead in 0_u8..12,
    ) {
        let hotp = known.hotp();
        let mac = |message| Ok::<_, Unplugged>(
            oracle::mac(known.algorithm, &known.key, u64::from_be_bytes(message)));
        let code = hotp.generate(next.saturating_add(typed));
        prop_assert_eq!(
            hazmat::generate(next.saturating_add(typed), known.format, mac).unwrap(), code);
        let window = Window::new(behind, ahead);
        let theirs = hazmat::verify(code, known.format, next, next, window, mac).unwrap();
        prop_assert_eq!(theirs, hotp.verify(code, next, window));
    }
}

/// The midstates are what HMAC says they are: the states after the two pads.
#[test]
fn midstates_after_the_pads() {
    for algorithm in Algorithm::ALL {
        for length in oracle::KEY_LENGTHS {
            let key: Vec<u8> = (0..length as u8).collect();
            let hotp = Hotp::new(*algorithm, &key).unwrap();
            match hazmat::midstates(&hotp) {
                Midstates::Sha1 { inner, outer } => {
                    let [ipad, opad] = pads::<64>(&key, hash::<sha1::Sha1>);
                    for (state, pad) in [(inner, ipad), (outer, opad)] {
                        let mut wanted =
                            [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
                        sha1::block_api::compress(&mut wanted, &[pad]);
                        assert_eq!(*state, wanted);
                    }
                }
                Midstates::Sha256 { inner, outer } => {
                    let [ipad, opad] = pads::<64>(&key, hash::<sha2::Sha256>);
                    for (state, pad) in [(inner, ipad), (outer, opad)] {
                        let mut wanted = [
                            0x6a09_e667,
                            0xbb67_ae85,
                            0x3c6e_f372,
                            0xa54f_f53a,
                            0x510e_527f,
                            0x9b05_688c,
                            0x1f83_d9ab,
                            0x5be0_cd19,
                        ];
                        sha2::block_api::compress256(&mut wanted, &[pad]);
                        assert_eq!(*state, wanted);
                    }
                }
                Midstates::Sha512 { inner, outer } => {
                    let [ipad, opad] = pads::<128>(&key, hash::<sha2::Sha512>);
                    for (state, pad) in [(inner, ipad), (outer, opad)] {
                        let mut wanted = [
                            0x6a09_e667_f3bc_c908,
                            0xbb67_ae85_84ca_a73b,
                            0x3c6e_f372_fe94_f82b,
                            0xa54f_f53a_5f1d_36f1,
                            0x510e_527f_ade6_82d1,
                            0x9b05_688c_2b3e_6c1f,
                            0x1f83_d9ab_fb41_bd6b,
                            0x5be0_cd19_137e_2179,
                        ];
                        sha2::block_api::compress512(&mut wanted, &[pad]);
                        assert_eq!(*state, wanted);
                    }
                }
                _ => panic!("no other algorithm"),
            }
        }
    }
}

fn hash<D: sha2::Digest>(key: &[u8]) -> Vec<u8> {
    D::digest(key).to_vec()
}

/// RFC 2104 § 2, steps 1 to 5 as far as the key goes.
fn pads<const BLOCK: usize>(key: &[u8], hash: impl Fn(&[u8]) -> Vec<u8>) -> [[u8; BLOCK]; 2] {
    let key = if key.len() > BLOCK { hash(key) } else { key.to_vec() };
    let mut block = [0; BLOCK];
    block[..key.len()].copy_from_slice(&key);
    [0x36, 0x5c].map(|pad| block.map(|byte| byte ^ pad))
}

#[test]
fn an_exhausted_counter_is_told_with_any_mac() {
    let mac = |_| Ok::<_, Unplugged>([0; 20]);
    let format = CodeFormat::default();
    let code = hazmat::generate(u64::MAX, format, mac).unwrap();
    let outcome = hazmat::verify(code, format, u64::MAX, u64::MAX, Window::ZERO, mac).unwrap();
    assert_eq!(outcome.unwrap_err(), Rejected::Exhausted);
}
