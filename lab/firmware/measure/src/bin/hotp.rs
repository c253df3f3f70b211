//! An HOTP value of ten digits, which keeps all of its 31 bits: no time, no text.
#![no_std]
#![no_main]

use otp_core::{Code, Digits, Error, Hotp};

#[board::entry]
fn main() -> ! {
    measure::run(work)
}

#[inline(never)]
fn work() -> Result<Code, Error> {
    let hotp = Hotp::new(measure::algorithm(), measure::key())?.with_format(Digits::TEN);
    let counter = measure::time().as_secs();
    Ok(measure::count(|| hotp.generate(counter)))
}
