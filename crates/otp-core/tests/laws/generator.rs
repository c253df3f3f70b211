//! Generating, against `hmac`.

use otp_core::{Algorithm, Error, Hotp, Period, Secret, Totp, UnixTime, hazmat};
use proptest::prelude::*;

use crate::oracle::{self, COUNTERS, FORMATS, KEY_LENGTHS, Known};

#[test]
fn every_edge_agrees_with_hmac() {
    for algorithm in Algorithm::ALL {
        for length in KEY_LENGTHS {
            let key: Vec<u8> = (0..length).map(|i| (i * 7 + length) as u8).collect();
            for format in FORMATS {
                let known = Known { algorithm: *algorithm, key: key.clone(), format };
                for counter in COUNTERS {
                    let code = known.hotp().generate(counter);
                    assert_eq!(code.text().as_str(), known.code(counter), "{known:?} {counter}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_code_agrees_with_hmac(known in oracle::generators(), counter in oracle::counters()) {
        let hotp = known.hotp();
        prop_assert_eq!(hotp.generate(counter).text().to_string(), known.code(counter));
        let secret = Secret::try_from(known.key.clone()).unwrap();
        let from_secret = Hotp::from_secret(known.algorithm, &secret).with_format(known.format);
        prop_assert_eq!(from_secret.generate(counter), hotp.generate(counter));
        let totp = Totp::from_secret(known.algorithm, &secret).with_format(known.format);
        prop_assert_eq!(totp.hotp().generate(counter), hotp.generate(counter));
        prop_assert_eq!((totp.period(), totp.t0()), (Period::THIRTY, UnixTime::EPOCH));
        prop_assert_eq!(hotp.algorithm(), known.algorithm);
        prop_assert_eq!(hotp.format(), known.format);
    }

    #[test]
    fn a_time_is_a_counter(
        known in oracle::generators(),
        time: u64, t0 in prop_oneof![Just(0), any::<u64>()], period in 1_u64..,
        shift in 0_u32..64,
    ) {
        let period = (period >> shift).max(1);
        let totp = Totp::new(known.algorithm, &known.key).unwrap()
            .with_format(known.format)
            .with_period(Period::from_secs(period).unwrap())
            .with_t0(UnixTime::from_secs(t0));
        let counter = if time < t0 { 0 } else { (time - t0) / period };
        let time = UnixTime::from_secs(time);
        prop_assert_eq!(totp.counter_at(time), counter);
        prop_assert_eq!(hazmat::counter_at(time, totp.t0(), totp.period()), counter);
        prop_assert_eq!(totp.generate(time).code().text().to_string(), known.code(counter));
        prop_assert_eq!(totp.generate(time).code(), totp.hotp().generate(counter));
    }

    /// Control: the oracle would notice one wrong bit of the key.
    #[test]
    fn another_key_has_other_macs(known in oracle::generators(), bit: u16, counter: u64) {
        let mut key = known.key.clone();
        let place = usize::from(bit / 8) % key.len();
        key[place] ^= 1 << (bit % 8);
        prop_assert_ne!(
            oracle::mac(known.algorithm, &key, counter),
            oracle::mac(known.algorithm, &known.key, counter)
        );
    }
}

#[test]
fn a_key_has_at_least_one_byte() {
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
    assert_eq!(totp.algorithm(), Algorithm::Sha1);
    assert_eq!(totp.format(), FORMATS[0]);
    assert_eq!(totp.period().as_secs(), 30);
    assert_eq!(totp.t0(), UnixTime::EPOCH);
}

/// Ten digits are all 31 bits, and 10^10 does not fit 32 bits: nothing may be reduced by what is
/// left of it.
#[test]
fn ten_digits_are_the_whole_number() {
    let known = Known {
        algorithm: Algorithm::Sha1,
        key: b"12345678901234567890".to_vec(),
        format: FORMATS[4],
    };
    // What 10^10 is in 32 bits.
    let wrapped = 10_u64.pow(10) % (1 << 32);
    let large: Vec<u64> = (0..100)
        .filter(|counter| {
            oracle::truncated(&oracle::mac(known.algorithm, &known.key, *counter)) >= wrapped
        })
        .collect();
    assert!(large.len() > 10, "the control needs codes that a wrapped power would change");
    for counter in large {
        assert_eq!(known.hotp().generate(counter).text().as_str(), known.code(counter));
    }
}
