//! The text of a key that a format gives away is wiped after reading.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs::File;
use std::os::unix::fs::FileExt;

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StringDeserializer};

/// Returns 400 letters of a key's text: an allocator overwrites only the first of them.
fn text() -> String {
    "MFRGGZDF".repeat(50)
}

/// Returns whether the text is still in memory after it is given away.
fn is_left(read: impl FnOnce(String)) -> bool {
    let text = text();
    let place = text.as_ptr().addr() as u64;
    let mut left = [0; 64];
    let memory = File::open("/proc/self/mem").unwrap();
    read(text);
    memory.read_exact_at(&mut left, place + 160).unwrap();
    left.windows(8).any(|window| window == b"MFRGGZDF")
}

#[test]
fn text_of_a_key_is_wiped() {
    assert!(!is_left(|text| {
        let given: StringDeserializer<Error> = text.into_deserializer();
        drop(otp_serde::secret::deserialize(given).unwrap());
    }));
}

#[test]
fn control_text_that_is_not_wiped_is_left() {
    assert!(is_left(drop));
}
