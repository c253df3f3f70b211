//! TOTP with parameters that are known at run time only, from key and time to text.
#![no_std]
#![no_main]

use otp_core::{CodeText, Error, Totp};

#[board::entry]
fn main() -> ! {
    measure::run(work)
}

#[inline(never)]
fn work() -> Result<CodeText, Error> {
    let totp = Totp::new(measure::algorithm(), measure::key())?
        .with_format(measure::format())
        .with_period(measure::period());
    let time = measure::time();
    Ok(measure::count(|| totp.generate(time).code().text()))
}
