//! One hash over the codes of a million keys, counters, digits and algorithms; `interop` hashes the same
//! by Python's standard library.

use otp_core::{Algorithm, Digits, Hotp};
use sha2::{Digest as _, Sha256, Sha512};

use crate::vectors::read;

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

#[test]
fn a_million_codes_accumulate_to_one_hash() {
    let recorded: serde_json::Value = read("accumulated.json");
    // In the second hash one bit of one key is flipped, which makes a difference.
    let [mut all, mut other] = [Sha256::new(), Sha256::new()];
    for case in 0..recorded["cases"].as_u64().unwrap() {
        let line = code(case, false) + "\n";
        all.update(&line);
        other.update(if case == 654_321 { code(case, true) + "\n" } else { line });
    }
    let hex = |hash: Sha256| hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let [all, other]: [String; 2] = [all, other].map(hex);
    assert_eq!(all, recorded["sha256"]);
    assert_ne!(other, recorded["sha256"]);
}
