//! One hash over the codes of a million keys, counters, digits and algorithms; `interop` hashes the same
//! by Python's standard library.

use core::fmt::Write as _;

use otp_core::{Algorithm, Digits, Hotp};
use sha2::{Digest as _, Sha256, Sha512};

use crate::data::read;

const SEED: &[u8] = b"otp accumulated vector";

/// The code of a case, whose key may have one bit flipped.
fn code(case: u64, flipped: bool) -> String {
    let seed = Sha512::new().chain_update(SEED).chain_update(case.to_be_bytes()).finalize();
    let length = usize::from(seed[2]) + 1;
    let mut key: Vec<u8> = seed[16..].iter().copied().cycle().take(length).collect();
    key[length - 1] ^= u8::from(flipped);
    let algorithm = Algorithm::ALL[usize::from(seed[0] % 3)];
    let counter = u64::from_be_bytes(seed[8..16].try_into().unwrap()) >> (seed[3] % 64);
    let digits = Digits::new(6 + seed[1] % 5).unwrap();
    let hotp = Hotp::new(algorithm, &key).unwrap().with_format(digits);
    hotp.generate(counter).text().to_string()
}

fn hash(cases: u64, flipped: Option<u64>) -> String {
    let mut hash = Sha256::new();
    for case in 0..cases {
        hash.update(code(case, flipped == Some(case)).as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
#[ignore = "a million codes, twice: for an optimised build"]
fn a_million_codes_accumulate_to_one_hash() {
    let recorded: serde_json::Value = read("accumulated.json");
    let cases = recorded["cases"].as_u64().unwrap();
    let expected = recorded["sha256"].as_str().unwrap();
    assert_eq!(hash(cases, None), expected);
    // One bit of one key makes a difference.
    assert_ne!(hash(cases, Some(654_321)), expected);
}
