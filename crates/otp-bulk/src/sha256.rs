#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "lanes and rounds are constants once compiled, and below the lengths of the arrays"
)]

use crate::lanes::{Lanes, Truncated, sixteen};
use crate::truncate::truncate;
use crate::width::{LANES, Width};

/// The lengths in bits of the two messages, their pads included (RFC 2104 § 2).
const INNER_BITS: u32 = (64 + 8) * 8;
const OUTER_BITS: u32 = (64 + 32) * 8;

impl Truncated for Lanes<u32, 8> {
    #[inline(never)]
    fn truncated(&self, width: Width) -> Option<[u32; LANES]> {
        Some(width.run(
            #[inline(always)]
            || run(self),
        ))
    }
}

#[inline(always)]
fn run(lanes: &Lanes<u32, 8>) -> [u32; LANES] {
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
fn code(inner: [u32; 8], outer: [u32; 8], high: u32, low: u32) -> u32 {
    const END: u32 = 0x8000_0000;
    let [a, b, c, d, e, f, g, h] =
        compress(inner, [high, low, END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, INNER_BITS]);
    let [a, b, c, d, e, _, _, last] =
        compress(outer, [a, b, c, d, e, f, g, h, END, 0, 0, 0, 0, 0, 0, OUTER_BITS]);
    truncate([a, b, c, d, e], last)
}

/// The compression function (FIPS 180-4 § 6.2.2).
#[inline(always)]
fn compress(start: [u32; 8], mut words: [u32; 16]) -> [u32; 8] {
    let mut state = sixteen(round, 0, start, &mut words);
    state = sixteen(round, 16, state, &mut words);
    state = sixteen(round, 32, state, &mut words);
    state = sixteen(round, 48, state, &mut words);
    for (word, start) in state.iter_mut().zip(start) {
        *word = word.wrapping_add(start);
    }
    state
}

#[inline(always)]
fn round(state: [u32; 8], words: &mut [u32; 16], round: usize) -> [u32; 8] {
    let [a, b, c, d, e, f, g, h] = state;
    if round >= 16 {
        let (early, late) = (words[(round + 1) & 15], words[(round + 14) & 15]);
        words[round & 15] = words[round & 15]
            .wrapping_add(early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3))
            .wrapping_add(words[(round + 9) & 15])
            .wrapping_add(late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10));
    }
    let one = h
        .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
        .wrapping_add(g ^ (e & (f ^ g)))
        .wrapping_add(CONSTANTS[round])
        .wrapping_add(words[round & 15]);
    let two = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
        .wrapping_add((a & b) | (c & (a | b)));
    [one.wrapping_add(two), a, b, c, d.wrapping_add(one), e, f, g]
}

const CONSTANTS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];
