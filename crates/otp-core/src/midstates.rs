//! HMAC (RFC 2104) over eight bytes, from a key that was hashed once.
//!
//! `HMAC(K, m) = H((K ^ opad) || H((K ^ ipad) || m))`: both first blocks depend on the key alone,
//! so the two states after them are all that is kept. A code then costs two compressions instead
//! of four, and the key's bytes can be forgotten.

use zeroize::Zeroize;

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
        if key.is_empty() {
            return Err(Error::EmptyKey);
        }
        Ok(match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => Self::Sha1(Sha1::new(key)),
            #[cfg(feature = "sha256")]
            Algorithm::Sha256 => Self::Sha256(Sha256::new(key)),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => Self::Sha512(Sha512::new(key)),
        })
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
            Self::Sha1(ref midstates) => {
                let mut mac = midstates.mac(counter);
                let value = truncate(mac, mac[4]);
                mac.zeroize();
                value
            }
            #[cfg(feature = "sha256")]
            Self::Sha256(ref midstates) => {
                let mut mac = midstates.mac(counter);
                let [a, b, c, d, e, _, _, last] = mac;
                mac.zeroize();
                truncate([a, b, c, d, e], last)
            }
            #[cfg(feature = "sha512")]
            Self::Sha512(ref midstates) => {
                let mut mac = midstates.mac(counter);
                let [a, b, c, _, _, _, _, last] = mac;
                mac.zeroize();
                truncate([high(a), low(a), high(b), low(b), high(c)], low(last))
            }
        }
    }
}

/// Dynamic truncation (RFC 4226 § 5.3) of a MAC given by its first five words and its last.
fn truncate([a, b, c, d, e]: [u32; 5], last: u32) -> u32 {
    let (head, tail) = match (last >> 2) & 3 {
        0 => (a, b),
        1 => (b, c),
        2 => (c, d),
        _ => (d, e),
    };
    let pair = (u64::from(head) << 32) | u64::from(tail);
    high(pair.wrapping_shl((last & 3) << 3)) & 0x7fff_ffff
}

fn high(pair: u64) -> u32 {
    low(pair >> 32)
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low(pair: u64) -> u32 {
    pair as u32
}

macro_rules! midstates {
    (
        $feature:literal, $name:ident, $compress:path, [$word:ty; $words:literal],
        block: $block:literal, initial: $initial:expr
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
                let mut pad = [0_u8; $block];
                if key.len() > $block {
                    let mut digest = Self::hash(key);
                    write_words(&mut pad, &digest);
                    digest.zeroize();
                } else {
                    for (slot, byte) in pad.iter_mut().zip(key) {
                        *slot = *byte;
                    }
                }
                let mut prepared = Self { inner: Self::INITIAL, outer: Self::INITIAL };
                pad.iter_mut().for_each(|byte| *byte ^= 0x36);
                $compress(&mut prepared.inner, &pad);
                pad.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
                $compress(&mut prepared.outer, &pad);
                pad.zeroize();
                prepared
            }

            /// The hash itself, for keys longer than a block (RFC 2104 § 2).
            fn hash(message: &[u8]) -> [$word; $words] {
                let mut state = Self::INITIAL;
                let (blocks, tail) = message.as_chunks::<$block>();
                for block in blocks {
                    $compress(&mut state, block);
                }
                let mut last = [0_u8; $block];
                for (slot, byte) in last.iter_mut().zip(tail.iter().chain(&[0x80])) {
                    *slot = *byte;
                }
                // The length takes two words at the end of a block of sixteen.
                if tail.len() >= $block / 8 * 7 {
                    $compress(&mut state, &last);
                    last.zeroize();
                }
                write_bits(&mut last, message.len());
                $compress(&mut state, &last);
                last.zeroize();
                state
            }

            fn mac(&self, counter: u64) -> [$word; $words] {
                const WORD: usize = size_of::<$word>();
                let mut block = [0_u8; $block];
                if let Some(slot) = block.first_chunk_mut() {
                    *slot = counter.to_be_bytes();
                }
                finish(&mut block, 8);
                let mut state = self.inner;
                $compress(&mut state, &block);

                block = [0; $block];
                write_words(&mut block, &state);
                finish(&mut block, $words * WORD);
                state = self.outer;
                $compress(&mut state, &block);
                block.zeroize();
                state
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
]);
midstates!("sha256", Sha256, compress::sha256, [u32; 8], block: 64, initial: [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
]);
midstates!("sha512", Sha512, compress::sha512, [u64; 8], block: 128, initial: [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
]);

/// Ends the second block of a message: a one bit after `length` bytes, and the whole length.
fn finish<const BLOCK: usize>(block: &mut [u8; BLOCK], length: usize) {
    if let Some(slot) = block.get_mut(length) {
        *slot = 0x80;
    }
    write_bits(block, BLOCK.saturating_add(length));
}

/// Writes a length in bytes as the count of bits that ends the last block.
fn write_bits<const BLOCK: usize>(block: &mut [u8; BLOCK], length: usize) {
    if let Some(slot) = block.last_chunk_mut() {
        *slot = (length as u64).wrapping_mul(8).to_be_bytes();
    }
}

/// Writes a state at the beginning of a block, as the hash orders its bytes.
trait Word: Copy {
    type Bytes: IntoIterator<Item = u8>;
    fn bytes(self) -> Self::Bytes;
}

impl Word for u32 {
    type Bytes = [u8; 4];
    fn bytes(self) -> [u8; 4] {
        self.to_be_bytes()
    }
}

impl Word for u64 {
    type Bytes = [u8; 8];
    fn bytes(self) -> [u8; 8] {
        self.to_be_bytes()
    }
}

fn write_words<W: Word, const BLOCK: usize>(block: &mut [u8; BLOCK], words: &[W]) {
    let bytes = words.iter().flat_map(|word| word.bytes());
    for (slot, byte) in block.iter_mut().zip(bytes) {
        *slot = byte;
    }
}
