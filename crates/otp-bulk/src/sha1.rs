#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "lanes and rounds are constants once compiled, and below the lengths of the arrays"
)]

use crate::lanes::{Lanes, Truncated, sixteen};
use crate::truncate::truncate;
use crate::width::{LANES, Width};

const CONSTANTS: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];
/// The lengths in bits of the two messages, their pads included (RFC 2104 § 2).
const INNER_BITS: u32 = (64 + 8) * 8;
const OUTER_BITS: u32 = (64 + 20) * 8;

impl Truncated for Lanes<u32, 5> {
    #[inline(never)]
    fn truncated(&self, width: Width) -> Option<[u32; LANES]> {
        Some(width.run(
            #[inline(always)]
            || run(self),
        ))
    }
}

#[inline(always)]
fn run(lanes: &Lanes<u32, 5>) -> [u32; LANES] {
    let (high, low) = lanes.halves();
    let mut values = [0; LANES];
    for lane in 0..LANES {
        let (inner, outer) = lanes.key(lane);
        values[lane] = code(inner, outer, high[lane], low[lane]);
    }
    values
}

/// Computes a lane: the inner and the outer hash of a counter.
#[inline(always)]
fn code(inner: [u32; 5], outer: [u32; 5], high: u32, low: u32) -> u32 {
    const END: u32 = 0x8000_0000;
    let [a, b, c, d, e] =
        compress(inner, [high, low, END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, INNER_BITS]);
    let mac = compress(outer, [a, b, c, d, e, END, 0, 0, 0, 0, 0, 0, 0, 0, 0, OUTER_BITS]);
    truncate(mac, mac[4])
}

/// The compression function (FIPS 180-4 § 6.1.2).
#[inline(always)]
fn compress(start: [u32; 5], mut words: [u32; 16]) -> [u32; 5] {
    let mut state = sixteen(round, 0, start, &mut words);
    state = sixteen(round, 16, state, &mut words);
    state = sixteen(round, 32, state, &mut words);
    state = sixteen(round, 48, state, &mut words);
    state = sixteen(round, 64, state, &mut words);
    for (word, start) in state.iter_mut().zip(start) {
        *word = word.wrapping_add(start);
    }
    state
}

#[inline(always)]
fn round([a, b, c, d, e]: [u32; 5], words: &mut [u32; 16], round: usize) -> [u32; 5] {
    if round >= 16 {
        let mixed = words[(round + 13) & 15]
            ^ words[(round + 8) & 15]
            ^ words[(round + 2) & 15]
            ^ words[round & 15];
        words[round & 15] = mixed.rotate_left(1);
    }
    let mixed = match round / 20 {
        0 => d ^ (b & (c ^ d)),
        2 => (b & c) | (d & (b | c)),
        _ => b ^ c ^ d,
    };
    // Terms that do not depend on the previous round come first.
    let next = e
        .wrapping_add(CONSTANTS[round / 20])
        .wrapping_add(words[round & 15])
        .wrapping_add(mixed)
        .wrapping_add(a.rotate_left(5));
    [next, a, b.rotate_left(30), c, d]
}
