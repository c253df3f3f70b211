//! TOTP with the usual parameters, from key and time to text.
#![no_std]
#![no_main]

use core::hint::black_box;

use otp_core::{CodeText, Error, Totp};

#[board::entry]
fn main() -> ! {
    board::exit(black_box(work()).is_ok())
}

#[inline(never)]
fn work() -> Result<CodeText, Error> {
    let totp = Totp::new(measure::algorithm(), measure::key())?;
    let time = measure::time();
    board::mark();
    let text = totp.generate(time).code().text();
    board::mark();
    Ok(text)
}
