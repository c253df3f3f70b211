//! Truncation and text of a MAC that was computed elsewhere.
#![no_std]
#![no_main]

use core::hint::black_box;

use otp_core::{CodeFormat, CodeText, Error, hazmat};

/// The MAC of RFC 4226 § 5.4.
const MAC: [u8; 20] =
    *b"\x1f\x86\x98\x69\x0e\x02\xca\x16\x61\x85\x50\xef\x7f\x19\xda\x8e\x94\x5b\x55\x5a";

#[board::entry]
fn main() -> ! {
    measure::run(work)
}

#[inline(never)]
fn work() -> Result<CodeText, Error> {
    let mac: &[u8] = black_box(&MAC);
    measure::count(|| {
        let truncated = hazmat::truncate(mac)?;
        Ok(hazmat::code(truncated, CodeFormat::default()).text())
    })
}
