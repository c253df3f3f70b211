//! A typed code verified, with throttle and replay state and a window of three.
#![no_std]
#![no_main]

use core::hint::black_box;

use otp_context::replay::{Throttle, ThrottlePolicy, Tracker};
use otp_core::{CodeFormat, Totp, Window};

#[board::entry]
fn main() -> ! {
    measure::run(work)
}

#[inline(never)]
fn work() -> Result<(), ()> {
    let totp = Totp::new(measure::algorithm(), measure::key()).map_err(|_| ())?;
    let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE).map_err(|_| ())?;
    let (mut tracker, mut throttle) = (Tracker::new(), Throttle::default());
    let (typed, now) = (black_box("081804"), measure::time());
    measure::count(|| {
        let code = totp.parse(typed).map_err(|_| ())?;
        let permit = throttle.charge(&policy, now).map_err(|_| ())?;
        // The code is that of SHA-1; for the other hashes it is wrong, and the work the same.
        let _ = black_box((permit, tracker.verify_totp(&totp, code, now, Window::ONE)));
        Ok(())
    })
}
