//! Messages and truncation on large processors.
//!
//! Their hashes load a message sixteen bytes at a time. A load that follows a store of all its
//! bytes gets them at once; if it needs two stores it waits until both are in the cache, thus until
//! everything before them is done. So messages are written in pieces of sixteen bytes: a code is
//! quicker by a tenth, and codes in a row by a third, since the next can begin before the last ends.

use core::hint::black_box;

use zeroize::Zeroize;

/// Bytes in a unit of a block.
pub(super) const UNIT: usize = 1;

/// A block of a hash.
#[repr(align(8))]
pub(super) struct Block<const N: usize>([u8; N]);

/// The one bit after a message, and zeros.
pub(super) const END: [u8; 16] = (1_u128 << 127).to_be_bytes();

/// The length in bits of so many bytes, as it ends a message.
pub(super) const fn length(bytes: usize) -> [u8; 16] {
    (bytes as u128).wrapping_mul(8).to_be_bytes()
}

impl<const N: usize> Block<N> {
    pub(super) const fn zeros() -> Self {
        Self([0; N])
    }

    pub(super) const fn bytes(&self) -> &[u8; N] {
        &self.0
    }

    pub(super) const fn bytes_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }

    pub(super) fn wipe(&mut self) {
        self.0.as_mut_slice().zeroize();
    }

    /// Writes sixteen bytes that are known beforehand.
    #[inline(always)]
    pub(super) fn copy(&mut self, place: usize, bytes: &'static [u8; 16]) {
        if let Some(slot) = self.0.as_chunks_mut().0.get_mut(place) {
            *slot = *bytes;
        }
    }

    /// Writes two numbers as sixteen bytes.
    ///
    /// Left to itself the compiler stores a constant number apart from the other one. Zeros it does
    /// not know make it compute both in one register.
    #[inline(always)]
    pub(super) fn write(&mut self, place: usize, numbers: [u64; 2]) {
        let zeros = black_box([0_u64; 2]);
        if let Some(slot) = self.0.as_chunks_mut::<16>().0.get_mut(place) {
            let (halves, _) = slot.as_chunks_mut();
            for (half, (number, zero)) in halves.iter_mut().zip(numbers.iter().zip(zeros)) {
                *half = number.to_be().wrapping_sub(zero).to_ne_bytes();
            }
        }
    }
}

/// Dynamic truncation (RFC 4226 § 5.3) of a MAC given by its first five words and its last.
///
/// The offset depends on the key, so nothing branches on it, chooses by it or looks it up: the
/// words are shifted by half of it twice, since one shift moves them by less than two words.
#[inline(always)]
pub(super) fn truncate([a, b, c, d, e]: [u32; 5], last: u32) -> u32 {
    // At first as they lie in the memory of most processors: the first word is the lower one.
    let pair =
        |first: u32, second: u32| (u64::from(first) | (u64::from(second) << 32)).rotate_left(32);
    let half = (last & 15) << 2;
    let shifted = |first: u64, second: u64| {
        let both = (u128::from(first) << 64) | u128::from(second);
        (both.wrapping_shl(half) >> 64) as u64
    };
    let (first, second, third) = (pair(a, b), pair(c, d), pair(e, 0));
    // Were this written like the rest, the compiler would mask in between.
    let first = first.wrapping_shl(half) | (second >> 1).wrapping_shr(63 ^ half);
    let moved = shifted(first, shifted(second, third));
    (moved >> 32) as u32 & 0x7fff_ffff
}
