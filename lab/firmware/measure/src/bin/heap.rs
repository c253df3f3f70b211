//! An image that wants a heap, which must not be built: no image has an allocator.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use core::hint::black_box;

#[board::entry]
fn main() -> ! {
    board::exit(*black_box(Box::new(true)))
}
