//! An HOTP value of ten digits, which keeps all of its 31 bits: no time, no text.
#![no_std]
#![no_main]

use core::hint::black_box;

use otp_core::{Code, Digits, Error, Hotp};

#[board::entry]
fn main() -> ! {
    board::exit(black_box(work()).is_ok())
}

#[inline(never)]
fn work() -> Result<Code, Error> {
    let hotp = Hotp::new(measure::algorithm(), measure::key())?.with_format(Digits::TEN);
    let counter = measure::time().as_secs();
    board::mark();
    let code = hotp.generate(counter);
    board::mark();
    Ok(code)
}
