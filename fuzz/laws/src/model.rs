//! HOTP and TOTP as the RFCs write them, slow and plain, on `hmac`. With the core it shares the names
//! of parameters and the crates of the hash functions, and nothing else.

use hmac::{Hmac, KeyInit, Mac};
use otp_core::{Algorithm, CodeFormat};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

pub(crate) use crate::verdict::{Verdict, verdict};

/// The 31 bits of a counter (RFC 4226 § 5.3).
pub(crate) fn truncated(algorithm: Algorithm, key: &[u8], counter: u64) -> u32 {
    truncate(&mac(algorithm, key, counter))
}

/// The whole MAC of a counter.
pub(crate) fn mac(algorithm: Algorithm, key: &[u8], counter: u64) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha1 => with::<Hmac<Sha1>>(key, counter),
        Algorithm::Sha256 => with::<Hmac<Sha256>>(key, counter),
        Algorithm::Sha512 => with::<Hmac<Sha512>>(key, counter),
        _ => unreachable!("no such algorithm"),
    }
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

fn with<M: Mac + KeyInit>(key: &[u8], counter: u64) -> Vec<u8> {
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
