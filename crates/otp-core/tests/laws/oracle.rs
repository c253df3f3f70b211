//! HOTP again, in the plainest way there is: `hmac`, bytes, `u64` and strings.

use ::hmac::{Hmac, KeyInit, Mac};
use otp_core::{Algorithm, CodeFormat, Digits, Hotp};
use proptest::prelude::*;
use proptest::sample::select;

/// Lengths around the blocks of the hashes, where keys are treated differently.
pub const KEY_LENGTHS: [usize; 10] = [1, 19, 20, 63, 64, 65, 127, 128, 129, 200];

/// Counters at which some integer or float gives up.
pub const COUNTERS: [u64; 6] = [0, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 63, u64::MAX];

/// Every code format.
pub const FORMATS: [CodeFormat; 6] = [
    CodeFormat::Decimal(Digits::SIX),
    CodeFormat::Decimal(Digits::SEVEN),
    CodeFormat::Decimal(Digits::EIGHT),
    CodeFormat::Decimal(Digits::NINE),
    CodeFormat::Decimal(Digits::TEN),
    CodeFormat::Steam,
];

/// The whole MAC of a counter.
pub fn mac(algorithm: Algorithm, key: &[u8], counter: u64) -> Vec<u8> {
    fn with<M: Mac + KeyInit>(key: &[u8], counter: u64) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(&counter.to_be_bytes());
        mac.finalize().into_bytes().to_vec()
    }
    match algorithm {
        Algorithm::Sha1 => with::<Hmac<sha1::Sha1>>(key, counter),
        Algorithm::Sha256 => with::<Hmac<sha2::Sha256>>(key, counter),
        Algorithm::Sha512 => with::<Hmac<sha2::Sha512>>(key, counter),
        _ => unreachable!("no other algorithm"),
    }
}

/// The 31 bits that RFC 4226 § 5.3 takes from a MAC.
pub fn truncated(mac: &[u8]) -> u64 {
    let offset = usize::from(mac[mac.len() - 1] & 0xf);
    let bits = mac[offset..offset + 4].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    bits & 0x7fff_ffff
}

/// The text of 31 bits.
pub fn text(format: CodeFormat, mut truncated: u64) -> String {
    match format {
        CodeFormat::Decimal(digits) => {
            let width = usize::from(digits.get());
            format!("{:0width$}", truncated % 10_u64.pow(width as u32))
        }
        CodeFormat::Steam => (0..5)
            .map(|_| {
                let letter = b"23456789BCDFGHJKMNPQRTVWXY"[(truncated % 26) as usize];
                truncated /= 26;
                char::from(letter)
            })
            .collect(),
        _ => unreachable!("no other format"),
    }
}

/// The code of a counter, as text.
pub fn code(algorithm: Algorithm, key: &[u8], format: CodeFormat, counter: u64) -> String {
    text(format, truncated(&mac(algorithm, key, counter)))
}

pub fn algorithms() -> impl Strategy<Value = Algorithm> {
    select(Algorithm::ALL)
}

pub fn formats() -> impl Strategy<Value = CodeFormat> {
    select(&FORMATS[..])
}

pub fn keys() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(&KEY_LENGTHS[..]).prop_flat_map(|length| prop::collection::vec(any::<u8>(), length)),
        prop::collection::vec(any::<u8>(), 1..300),
    ]
}

/// Any counter, the ends and the steps between integer sizes more often than others.
pub fn counters() -> impl Strategy<Value = u64> {
    prop_oneof![
        select(&COUNTERS[..]),
        0..20_u64,
        (0..20_u64).prop_map(|less| u64::MAX - less),
        any::<u64>(),
    ]
}

/// A generator with the key, algorithm and format it was made of.
#[derive(Debug)]
pub struct Known {
    pub algorithm: Algorithm,
    pub key: Vec<u8>,
    pub format: CodeFormat,
}

impl Known {
    pub fn hotp(&self) -> Hotp {
        Hotp::new(self.algorithm, &self.key).unwrap().with_format(self.format)
    }

    /// The oracle's code, not the generator's.
    pub fn code(&self, counter: u64) -> String {
        code(self.algorithm, &self.key, self.format, counter)
    }
}

pub fn generators() -> impl Strategy<Value = Known> {
    (algorithms(), keys(), formats()).prop_map(|(algorithm, key, format)| Known {
        algorithm,
        key,
        format,
    })
}
