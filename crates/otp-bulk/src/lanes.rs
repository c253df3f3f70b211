use zeroize::{DefaultIsZeroes, Zeroize};

use crate::width::Width;

/// How many codes are computed side by side: as many as 32-bit words fit the widest registers.
pub(crate) const LANES: usize = 16;

/// A prepared key and a counter for each lane, word by word, as the registers will hold them.
pub(crate) struct Lanes<W: DefaultIsZeroes, const N: usize> {
    inner: [[W; LANES]; N],
    outer: [[W; LANES]; N],
    counters: [u64; LANES],
}

/// The states after the inner and the outer pad.
pub(crate) type Key<'a, W, const N: usize> = (&'a [W; N], &'a [W; N]);

/// What the lanes of one hash can do.
pub(crate) trait Truncated {
    /// The truncated MAC of each lane, 31 bits, if there are lanes of this width.
    fn truncated(&self, width: Width) -> Option<[u32; LANES]>;
}

impl<W: DefaultIsZeroes, const N: usize> Lanes<W, N> {
    pub(crate) fn new() -> Self {
        let none = [[W::default(); LANES]; N];
        Self { inner: none, outer: none, counters: [0; LANES] }
    }

    /// The same key in every lane; the counters come later.
    pub(crate) fn of_one_key((inner, outer): Key<'_, W, N>) -> Self {
        let each = |key: &[W; N]| key.map(|word| [word; LANES]);
        Self { inner: each(inner), outer: each(outer), counters: [0; LANES] }
    }

    /// Sets every lane.
    #[expect(
        clippy::indexing_slicing,
        clippy::needless_range_loop,
        reason = "lanes and words count up to the lengths of the arrays"
    )]
    pub(crate) fn set(&mut self, keys: &[Key<'_, W, N>; LANES], counters: &[u64; LANES]) {
        for lane in 0..LANES {
            let (inner, outer) = keys[lane];
            for word in 0..N {
                self.inner[word][lane] = inner[word];
                self.outer[word][lane] = outer[word];
            }
        }
        self.counters = *counters;
    }

    /// Sets the counters to those that follow `first`, which must not pass `u64::MAX`.
    pub(crate) fn count_from(&mut self, first: u64) {
        for (counter, slot) in (0_u64..).zip(&mut self.counters) {
            *slot = first.wrapping_add(counter);
        }
    }

    #[inline(always)]
    pub(crate) const fn counters(&self) -> &[u64; LANES] {
        &self.counters
    }

    /// The key of a lane below [`LANES`].
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "every caller's lane is below LANES")]
    pub(crate) fn key(&self, lane: usize) -> ([W; N], [W; N]) {
        (
            core::array::from_fn(|word| self.inner[word][lane]),
            core::array::from_fn(|word| self.outer[word][lane]),
        )
    }

    /// The upper and the lower half of each counter.
    #[inline(always)]
    pub(crate) fn halves(&self) -> ([u32; LANES], [u32; LANES]) {
        #[expect(clippy::cast_possible_truncation, reason = "halves are what is wanted")]
        (self.counters.map(|counter| (counter >> 32) as u32), self.counters.map(|it| it as u32))
    }
}

impl<W: DefaultIsZeroes, const N: usize> Drop for Lanes<W, N> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Sixteen rounds of a hash without a loop: only then is the loop over the lanes the innermost one,
/// which is what the compiler makes vector code of.
#[inline(always)]
pub(crate) fn sixteen<W: Copy, const N: usize>(
    round: impl Fn([W; N], &mut [W; 16], usize) -> [W; N],
    first: usize,
    mut state: [W; N],
    words: &mut [W; 16],
) -> [W; N] {
    state = round(state, words, first.wrapping_add(0));
    state = round(state, words, first.wrapping_add(1));
    state = round(state, words, first.wrapping_add(2));
    state = round(state, words, first.wrapping_add(3));
    state = round(state, words, first.wrapping_add(4));
    state = round(state, words, first.wrapping_add(5));
    state = round(state, words, first.wrapping_add(6));
    state = round(state, words, first.wrapping_add(7));
    state = round(state, words, first.wrapping_add(8));
    state = round(state, words, first.wrapping_add(9));
    state = round(state, words, first.wrapping_add(10));
    state = round(state, words, first.wrapping_add(11));
    state = round(state, words, first.wrapping_add(12));
    state = round(state, words, first.wrapping_add(13));
    state = round(state, words, first.wrapping_add(14));
    state = round(state, words, first.wrapping_add(15));
    state
}
