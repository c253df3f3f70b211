//! Blocks on small processors, without calls of memory routines.

use core::hint::black_box;

use zeroize::optimization_barrier;

/// Bytes in a unit of a block: a word.
pub(super) const UNIT: usize = 4;

/// A block of a hash.
#[repr(align(8))]
pub(super) struct Block<const N: usize>([[u8; UNIT]; N]);

impl<const N: usize> Block<N> {
    /// Zeros that the compiler does not know to be zeros: it would call `memset`, which is larger
    /// than the loop over words and no faster.
    #[inline(never)]
    pub(super) fn zeros() -> Self {
        Self([black_box(0_u32); N].map(u32::to_ne_bytes))
    }

    #[inline(always)]
    pub(super) fn bytes<const BYTES: usize>(&self) -> &[u8; BYTES] {
        const { assert!(BYTES == N * UNIT) };
        self.0.as_flattened().first_chunk().unwrap_or(const { &[0; BYTES] })
    }

    #[inline(always)]
    pub(super) const fn bytes_mut(&mut self) -> &mut [u8] {
        self.0.as_flattened_mut()
    }

    #[inline(never)]
    pub(super) fn wipe(&mut self) {
        self.0.fill(black_box(0_u32).to_ne_bytes());
        optimization_barrier(&self.0);
    }
}
