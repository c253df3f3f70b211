//! An image with static RAM and a floating-point number: both must be noticed.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::sync::atomic::{AtomicU32, Ordering};

static SPENT: AtomicU32 = AtomicU32::new(0);

#[board::entry]
fn main() -> ! {
    // Kept where it is, though nothing else reads it.
    let spent = black_box(&SPENT);
    let product = || (black_box(1.5_f32) * black_box(2.5_f32)).to_bits();
    measure::count(|| spent.store(product(), Ordering::Relaxed));
    board::exit(spent.load(Ordering::Relaxed) == 3.75_f32.to_bits())
}
