//! Two compressions by the hash crate alone: what no code can do without.
#![no_std]
#![no_main]

use core::hint::black_box;

#[board::entry]
fn main() -> ! {
    work();
    board::exit(true)
}

#[cfg(feature = "sha512")]
#[inline(never)]
fn work() {
    let (mut state, block) = (black_box([0_u64; 8]), black_box([0; 128]));
    board::mark();
    sha2::block_api::compress512(&mut state, &[block]);
    sha2::block_api::compress512(&mut state, &[block]);
    board::mark();
    black_box(state);
}

#[cfg(all(feature = "sha256", not(feature = "sha512")))]
#[inline(never)]
fn work() {
    let (mut state, block) = (black_box([0_u32; 8]), black_box([0; 64]));
    board::mark();
    sha2::block_api::compress256(&mut state, &[block]);
    sha2::block_api::compress256(&mut state, &[block]);
    board::mark();
    black_box(state);
}

#[cfg(not(any(feature = "sha256", feature = "sha512")))]
#[inline(never)]
fn work() {
    let (mut state, block) = (black_box([0_u32; 5]), black_box([0; 64]));
    board::mark();
    sha1::block_api::compress(&mut state, &[block]);
    sha1::block_api::compress(&mut state, &[block]);
    board::mark();
    black_box(state);
}
