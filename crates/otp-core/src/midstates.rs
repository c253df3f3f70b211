//! HMAC (RFC 2104) over eight bytes, from a key that was hashed once.
//!
//! `HMAC(K, m) = H((K ^ opad) || H((K ^ ipad) || m))`: both first blocks depend on the key alone,
//! so the two states after them are all that is kept. A code then costs two compressions instead
//! of four, and the key's bytes can be forgotten.

#[cfg(not(target_pointer_width = "64"))]
mod narrow;
#[cfg(target_pointer_width = "64")]
mod wide;

use core::ops::RangeInclusive;

use zeroize::{DefaultIsZeroes, Zeroize};

#[cfg(not(target_pointer_width = "64"))]
use self::narrow::{Block, UNIT};
#[cfg(target_pointer_width = "64")]
use self::wide::{Block, END, UNIT, length, truncate};
use crate::compress;
use crate::{Algorithm, Error};

/// A prepared key: the states after the inner and the outer pad.
pub(crate) enum Midstates {
    #[cfg(feature = "sha1")]
    Sha1(Sha1),
    #[cfg(feature = "sha256")]
    Sha256(Sha256),
    #[cfg(feature = "sha512")]
    Sha512(Sha512),
}

impl Midstates {
    pub(crate) fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        if key.is_empty() { Err(Error::EmptyKey) } else { Ok(Self::prepare(algorithm, key)) }
    }

    /// Prepares a key that is known to have bytes.
    pub(crate) fn prepare(algorithm: Algorithm, key: &[u8]) -> Self {
        match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => Self::Sha1(Sha1::new(key)),
            #[cfg(feature = "sha256")]
            Algorithm::Sha256 => Self::Sha256(Sha256::new(key)),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => Self::Sha512(Sha512::new(key)),
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match *self {
            #[cfg(feature = "sha1")]
            Self::Sha1(_) => Algorithm::Sha1,
            #[cfg(feature = "sha256")]
            Self::Sha256(_) => Algorithm::Sha256,
            #[cfg(feature = "sha512")]
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// The truncated MAC of a counter: 31 bits.
    pub(crate) fn truncated(&self, counter: u64) -> u32 {
        match *self {
            #[cfg(feature = "sha1")]
            Self::Sha1(ref key) => key.truncated(counter),
            #[cfg(feature = "sha256")]
            Self::Sha256(ref key) => key.truncated(counter),
            #[cfg(feature = "sha512")]
            Self::Sha512(ref key) => key.truncated(counter),
        }
    }

    /// Shows each counter of a range with its truncated MAC, in ascending order.
    pub(crate) fn each(&self, counters: RangeInclusive<u64>, see: impl FnMut(u64, u32)) {
        match *self {
            #[cfg(feature = "sha1")]
            Self::Sha1(ref key) => key.each(counters, see),
            #[cfg(feature = "sha256")]
            Self::Sha256(ref key) => key.each(counters, see),
            #[cfg(feature = "sha512")]
            Self::Sha512(ref key) => key.each(counters, see),
        }
    }
}

/// How many counters pass the inner hash before the first of them passes the outer one.
///
/// A large processor then works on one while it still writes the next. A small one cannot, and has
/// no room for the blocks.
const LANES: usize = if cfg!(target_pointer_width = "64") { 4 } else { 1 };

/// Dynamic truncation (RFC 4226 § 5.3) of a MAC given by its first five words and its last.
///
/// Small processors have no shifts of 64 bits.
#[cfg(not(target_pointer_width = "64"))]
fn truncate(words: [u32; 5], last: u32) -> u32 {
    truncate_narrow(words, last)
}

#[cfg(any(test, not(target_pointer_width = "64")))]
#[cfg_attr(not(target_pointer_width = "64"), inline(always))]
fn truncate_narrow([a, b, c, d, e]: [u32; 5], last: u32) -> u32 {
    let (two, one) = ((last >> 3) & 1, (last >> 2) & 1);
    let pick = |bit: u32, no: u32, yes: u32| no ^ (bit.wrapping_neg() & (no ^ yes));
    let head = pick(two, pick(one, a, b), pick(one, c, d));
    let tail = pick(two, pick(one, b, c), pick(one, d, e));
    let bits = (last & 3) << 3;
    // The tail moves by 32 less the bits; in two steps, since that can be all 32.
    (head.wrapping_shl(bits) | (tail >> 1).wrapping_shr(31 ^ bits)) & 0x7fff_ffff
}

#[cfg(feature = "sha512")]
fn high(pair: u64) -> u32 {
    low(pair >> 32)
}

#[cfg(feature = "sha512")]
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low(pair: u64) -> u32 {
    pair as u32
}

macro_rules! midstates {
    (
        $feature:literal, $name:ident, $compress:path, [$word:ty; $words:literal],
        block: $block:literal, initial: $initial:expr, truncate: $truncate:expr
    ) => {
        #[cfg(feature = $feature)]
        pub(crate) struct $name {
            pub(crate) inner: [$word; $words],
            pub(crate) outer: [$word; $words],
        }

        #[cfg(feature = $feature)]
        impl $name {
            const INITIAL: [$word; $words] = $initial;

            fn new(key: &[u8]) -> Self {
                let mut prepared = Self { inner: Self::INITIAL, outer: Self::INITIAL };
                let mut pad = Block::zeros();
                if key.len() > $block {
                    Self::hash(key, &mut pad);
                } else {
                    pad.xor(key);
                }
                pad.mask(0x36);
                $compress(&mut prepared.inner, pad.bytes());
                pad.mask(0x36 ^ 0x5c);
                $compress(&mut prepared.outer, pad.bytes());
                pad.wipe();
                prepared
            }

            /// The hash itself, for keys longer than a block (RFC 2104 § 2); `block` holds zeros,
            /// and in the end the hash.
            fn hash(message: &[u8], block: &mut Block<{ $block / UNIT }>) {
                let mut state = Self::INITIAL;
                let (blocks, tail) = message.as_chunks::<$block>();
                for block in blocks {
                    $compress(&mut state, block);
                }
                block.xor(tail);
                if let Some(slot) = block.bytes_mut().get_mut(tail.len()) {
                    *slot = 0x80;
                }
                // The length takes two words at the end of a block of sixteen.
                if tail.len() >= $block / 8 * 7 {
                    $compress(&mut state, block.bytes());
                    block.wipe();
                }
                if let Some(slot) = block.bytes_mut().last_chunk_mut() {
                    *slot = (message.len() as u64).wrapping_mul(8).to_be_bytes();
                }
                $compress(&mut state, block.bytes());
                block.wipe();
                for (slot, word) in block.bytes_mut().as_chunks_mut().0.iter_mut().zip(&state) {
                    *slot = word.to_be_bytes();
                }
                wipe(&mut state);
            }

            fn truncated(&self, counter: u64) -> u32 {
                let mut block = Block::zeros();
                Self::message(counter, &mut block);
                self.inner(&mut block);
                let value = self.outer(&block);
                block.wipe();
                value
            }

            fn each(&self, counters: RangeInclusive<u64>, mut see: impl FnMut(u64, u32)) {
                let last = *counters.end();
                let mut blocks = [(); LANES].map(|()| Block::zeros());
                for first in counters.step_by(LANES) {
                    for (block, counter) in blocks.iter_mut().zip(first..=last) {
                        *block = Block::zeros();
                        Self::message(counter, block);
                    }
                    for (block, _) in blocks.iter_mut().zip(first..=last) {
                        self.inner(block);
                    }
                    for (block, counter) in blocks.iter().zip(first..=last) {
                        see(counter, self.outer(block));
                    }
                }
                blocks.iter_mut().for_each(Block::wipe);
            }

            /// Writes what the inner hash reads after its pad into a block of zeros.
            #[cfg(target_pointer_width = "64")]
            fn message(counter: u64, block: &mut Block<$block>) {
                block.write(0, [counter, 1 << 63]);
                block.copy($block / 16 - 1, const { &length($block + 8) });
            }

            /// Writes what the inner hash reads after its pad into a block of zeros.
            #[cfg(not(target_pointer_width = "64"))]
            fn message(counter: u64, block: &mut Block<{ $block / UNIT }>) {
                let counter = counter.to_be_bytes();
                let (words, _) = counter.as_chunks::<{ size_of::<$word>() }>();
                for (slot, word) in block.bytes_mut().as_chunks_mut().0.iter_mut().zip(words) {
                    *slot = *word;
                }
                Self::end(words.len(), block);
            }

            /// Hashes a message, and leaves what the outer hash reads after its pad.
            fn inner(&self, block: &mut Block<{ $block / UNIT }>) {
                let mut state = self.inner;
                $compress(&mut state, block.bytes());
                Self::digest(&state, block);
                wipe(&mut state);
            }

            /// Writes what the outer hash reads after its pad over what the inner hash read.
            #[cfg(target_pointer_width = "64")]
            fn digest(state: &[$word; $words], block: &mut Block<$block>) {
                let (whole, rest) = state.as_chunks::<{ 16 / size_of::<$word>() }>();
                let (slots, _) = block.bytes_mut().as_chunks_mut();
                for (slot, word) in slots.iter_mut().zip(whole.as_flattened()) {
                    *slot = word.to_be_bytes();
                }
                match rest {
                    [] => block.copy(whole.len(), &END),
                    [word, ..] => {
                        block.write(whole.len(), [(u64::from(*word) << 32) | (1 << 31), 0])
                    }
                }
                let length = const { &length($block + size_of_val(&Self::INITIAL)) };
                block.copy($block / 16 - 1, length);
            }

            /// Writes what the outer hash reads after its pad over what the inner hash read, and
            /// over what ended it.
            #[cfg(not(target_pointer_width = "64"))]
            #[inline(always)]
            fn digest(state: &[$word; $words], block: &mut Block<{ $block / UNIT }>) {
                for (slot, word) in block.bytes_mut().as_chunks_mut().0.iter_mut().zip(state) {
                    *slot = word.to_be_bytes();
                }
                Self::end($words, block);
            }

            fn outer(&self, block: &Block<{ $block / UNIT }>) -> u32 {
                let mut state = self.outer;
                $compress(&mut state, block.bytes());
                let value = $truncate(&state);
                wipe(&mut state);
                value
            }

            /// Ends a message that has a block and so many words: a one bit, zeros, and the length
            /// in bits.
            #[cfg(not(target_pointer_width = "64"))]
            #[inline(always)]
            fn end(length: usize, block: &mut Block<{ $block / UNIT }>) {
                // Sixteen words make a block.
                const BITS: $word = $block / 2;
                let (slots, _) = block.bytes_mut().as_chunks_mut();
                if let Some(slot) = slots.get_mut(length) {
                    *slot = <$word>::to_be_bytes(1 << (BITS - 1));
                }
                let length = <$word>::try_from(length).unwrap_or_default();
                if let Some(slot) = slots.last_mut() {
                    *slot = length.wrapping_add(16).wrapping_mul(BITS).to_be_bytes();
                }
            }
        }

        #[cfg(feature = $feature)]
        impl Drop for $name {
            fn drop(&mut self) {
                self.inner.zeroize();
                self.outer.zeroize();
            }
        }
    };
}

midstates!("sha1", Sha1, compress::sha1, [u32; 5], block: 64, initial: [
    0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0,
], truncate: |state: &[u32; 5]| truncate(*state, state[4]));
midstates!("sha256", Sha256, compress::sha256, [u32; 8], block: 64, initial: [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
], truncate: |&[a, b, c, d, e, _, _, last]: &[u32; 8]| truncate([a, b, c, d, e], last));
midstates!("sha512", Sha512, compress::sha512, [u64; 8], block: 128, initial: [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
], truncate: |&[a, b, c, _, _, _, _, last]: &[u64; 8]| {
    truncate([high(a), low(a), high(b), low(b), high(c)], low(last))
});

/// Wipes a state in bulk; on small processors word by word, which needs no routine.
fn wipe<W: DefaultIsZeroes, const N: usize>(state: &mut [W; N]) {
    if cfg!(target_pointer_width = "64") {
        state.as_mut_slice().zeroize();
    } else {
        state.zeroize();
    }
}

impl<const N: usize> Block<N> {
    fn xor(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.bytes_mut().iter_mut().zip(bytes) {
            *slot ^= byte;
        }
    }

    fn mask(&mut self, mask: u8) {
        for slot in self.bytes_mut() {
            *slot ^= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{truncate, truncate_narrow};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn truncating_is_the_same_at_both_widths(words: [u32; 5], last: u32) {
            prop_assert_eq!(truncate(words, last), truncate_narrow(words, last));
        }
    }
}
