//! The data files that every layer shares.

use std::path::Path;

use otp_core::{CodeFormat, Digits};
use serde::de::DeserializeOwned;

/// Reads one of the vector files.
pub fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    let text = std::fs::read_to_string(path).expect("the vector file is there");
    serde_json::from_str(&text).expect("the vector file has the expected shape")
}

/// Hex to bytes, without the crate's own reader.
pub fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// The format of so many digits.
pub fn decimal(digits: u8) -> CodeFormat {
    Digits::new(digits).unwrap().into()
}
