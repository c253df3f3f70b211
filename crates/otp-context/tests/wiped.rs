//! An application secret is gone from where it was once it is dropped.
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects
)]

use std::fs::File;
use std::os::unix::fs::FileExt;

use otp_context::ApplicationSecret;

const SECRET: [u8; 200] = [0xa7; 200];

/// What is where some bytes were, but for the first, where the allocator writes.
fn left(place: usize) -> [u8; 160] {
    let mut bytes = [0; 160];
    let memory = File::open("/proc/self/mem").unwrap();
    memory.read_exact_at(&mut bytes, u64::try_from(place).unwrap() + 40).unwrap();
    bytes
}

#[test]
fn a_dropped_secret_is_wiped() {
    let secret = ApplicationSecret::new(SECRET).unwrap();
    let place = secret.reveal().as_ptr().addr();
    assert_eq!(left(place), SECRET[40..]);
    drop(secret);
    assert_ne!(left(place)[..8], SECRET[..8]);
    assert!(!left(place).contains(&0xa7));
}

#[test]
fn control_what_is_only_dropped_is_found() {
    let bytes = SECRET.to_vec();
    let place = bytes.as_ptr().addr();
    drop(bytes);
    assert_eq!(left(place), SECRET[40..]);
}
