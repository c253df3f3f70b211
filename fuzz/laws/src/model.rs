//! HOTP and TOTP as the RFCs write them, slow and plain, on `hmac`. With the core it shares the names
//! of parameters and the crates of the hash functions, and nothing else.

use hmac::{Hmac, KeyInit, Mac};
use otp_core::{Algorithm, CodeFormat};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The 31 bits of a counter (RFC 4226 § 5.3).
pub(crate) fn truncated(algorithm: Algorithm, key: &[u8], counter: u64) -> u32 {
    let mac = match algorithm {
        Algorithm::Sha1 => mac::<Hmac<Sha1>>(key, counter),
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(key, counter),
        Algorithm::Sha512 => mac::<Hmac<Sha512>>(key, counter),
        _ => unreachable!("no such algorithm"),
    };
    truncate(&mac)
}

/// Dynamic truncation, byte by byte.
pub(crate) fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac[mac.len() - 1] % 16);
    let mut value = 0_u64;
    for byte in &mac[offset..offset + 4] {
        value = value * 256 + u64::from(*byte);
    }
    u32::try_from(value % 2_u64.pow(31)).expect("31 bits")
}

fn mac<M: Mac + KeyInit>(key: &[u8], counter: u64) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("a key of any length");
    for shift in (0..8).rev() {
        mac.update(&[u8::try_from((counter >> (8 * shift)) % 256).expect("a byte")]);
    }
    mac.finalize().into_bytes().to_vec()
}

/// A code as text.
pub(crate) fn text(format: CodeFormat, truncated: u32) -> String {
    match format {
        CodeFormat::Decimal(digits) => {
            let ten = format!("{truncated:010}");
            ten[10 - usize::from(digits.get())..].to_owned()
        }
        CodeFormat::Steam => {
            let letters: Vec<char> = "23456789BCDFGHJKMNPQRTVWXY".chars().collect();
            let (mut text, mut rest) =
                (String::new(), usize::try_from(truncated).expect("32 bits"));
            while text.len() < 5 {
                text.push(letters[rest % letters.len()]);
                rest /= letters.len();
            }
            text
        }
        _ => unreachable!("no such format"),
    }
}

/// What becomes of a code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The counter to spend, and how far the nearest match is from the expected counter.
    Match {
        counter: u64,
        drift: i128,
    },
    Replayed,
    Exhausted,
    Mismatch,
}

/// Looks at counters one after the other; those outside `u64` do not exist.
pub(crate) fn verdict(
    counters: core::ops::RangeInclusive<i128>,
    expected: u64,
    floor: u64,
    has_code: impl Fn(u64) -> bool,
) -> Verdict {
    let counters = counters.filter_map(|counter| u64::try_from(counter).ok());
    let hits: Vec<u64> = counters.filter(|counter| has_code(*counter)).collect();
    let unspent = hits.iter().copied().filter(|hit| *hit >= floor && *hit != u64::MAX);
    let drift = |hit: u64| i128::from(hit) - i128::from(expected);
    match (unspent.clone().max(), unspent.map(drift).min_by_key(|drift| (drift.abs(), *drift))) {
        (Some(counter), Some(drift)) => Verdict::Match { counter, drift },
        _ if hits.iter().any(|hit| *hit < floor) => Verdict::Replayed,
        _ if !hits.is_empty() || floor == u64::MAX => Verdict::Exhausted,
        _ => Verdict::Mismatch,
    }
}
