//! An image with a panic path, which must not link: the proof that the proof can fail.
#![no_std]
#![no_main]
#![allow(clippy::indexing_slicing)]

#[board::entry]
fn main() -> ! {
    let key = measure::key();
    board::exit(key[key.len()] == 0)
}
