//! How large processors write messages and truncate.
//!
//! Their hashes load a message sixteen bytes at a time. A load that follows a store of all its
//! bytes gets them at once; if it needs two stores it waits until both are in the cache, thus until
//! everything before them is done. So messages are written in pieces of sixteen bytes: a code is
//! quicker by a tenth, and codes in a row by a third, since the next can begin before the last ends.

use core::hint::{black_box, select_unpredictable};

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
/// The offset depends on the key, so nothing branches on it or looks it up: of the twelve bytes
/// from the first or the ninth on, a shift takes four.
#[inline(always)]
pub(super) fn truncate([a, b, c, d, e]: [u32; 5], last: u32) -> u32 {
    // As they lie in the memory of most processors: the first word is the lower one.
    let pair = |first: u32, second: u32| u64::from(first) | (u64::from(second) << 32);
    let is_late = last & 8 != 0;
    let head = select_unpredictable(is_late, pair(c, d), pair(a, b)).rotate_left(32);
    let tail = select_unpredictable(is_late, e, c);
    let twelve = (u128::from(head) << 64) | (u128::from(tail) << 32);
    let four = (twelve.wrapping_shl((last & 7) << 3) >> 96) as u32;
    four & 0x7fff_ffff
}
