//! HOTP and TOTP as a WebAssembly module without imports.
//!
//! The page writes a key to `key()`, calls `hotp` or `totp` and reads so many characters at
//! `text()`. The module keeps no key; the page wipes what it wrote.
#![no_std]
// Exported names are what makes a module.
#![allow(unsafe_code)]

#[cfg(target_arch = "wasm32")]
mod panic;

use core::sync::atomic::{AtomicU8, Ordering};

use otp_core::{Algorithm, Code, Digits, Hotp, Period, UnixTime};
use zeroize::Zeroize;

/// The longest key that is taken.
const KEY: usize = 256;
/// The longest code.
const TEXT: usize = 10;

static KEY_BYTES: [AtomicU8; KEY] = [const { AtomicU8::new(0) }; KEY];
static TEXT_BYTES: [AtomicU8; TEXT] = [const { AtomicU8::new(0) }; TEXT];

/// Where to write a key of up to 256 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn key() -> *const u8 {
    KEY_BYTES.as_ptr().cast()
}

/// Where to read a code.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT_BYTES.as_ptr().cast()
}

/// Writes the code of a counter and returns its length: 0 if something is out of range.
///
/// The algorithm is 1, 256 or 512.
#[unsafe(no_mangle)]
pub extern "C" fn hotp(algorithm: u32, key_length: usize, digits: u32, counter: u64) -> usize {
    prepared(algorithm, key_length, digits).map_or(0, |hotp| write(hotp.generate(counter)))
}

/// Writes the code of a time in seconds since 1970 and returns its length: 0 if something is out
/// of range.
#[unsafe(no_mangle)]
pub extern "C" fn totp(
    algorithm: u32,
    key_length: usize,
    digits: u32,
    period: u64,
    seconds: u64,
) -> usize {
    let Ok(period) = Period::from_secs(period) else { return 0 };
    let counter =
        otp_core::hazmat::counter_at(UnixTime::from_secs(seconds), UnixTime::EPOCH, period);
    hotp(algorithm, key_length, digits, counter)
}

fn prepared(algorithm: u32, key_length: usize, digits: u32) -> Option<Hotp> {
    let algorithm = match algorithm {
        1 => Algorithm::Sha1,
        256 => Algorithm::Sha256,
        512 => Algorithm::Sha512,
        _ => return None,
    };
    let digits = Digits::new(u8::try_from(digits).ok()?).ok()?;
    let mut key = [0; KEY];
    for (slot, byte) in key.iter_mut().zip(&KEY_BYTES) {
        *slot = byte.load(Ordering::Relaxed);
    }
    let hotp = key.get(..key_length).and_then(|key| Hotp::new(algorithm, key).ok());
    key.as_mut_slice().zeroize();
    Some(hotp?.with_format(digits))
}

fn write(code: Code) -> usize {
    let text = code.text();
    for (slot, byte) in TEXT_BYTES.iter().zip(text.as_bytes()) {
        slot.store(*byte, Ordering::Relaxed);
    }
    text.as_bytes().len()
}
