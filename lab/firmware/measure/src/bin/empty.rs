//! Start-up, the inputs and the exit: what every other image is compared with.
#![no_std]
#![no_main]

use core::hint::black_box;

#[board::entry]
fn main() -> ! {
    measure::run(work)
}

#[inline(never)]
fn work() -> Result<(), ()> {
    black_box((measure::algorithm(), measure::key(), measure::time()));
    measure::count(|| Ok(()))
}
