use zeroize::{DefaultIsZeroes, Zeroize};

use crate::width::{LANES, Width};

/// A prepared key and a counter for each lane, word by word, in the order of the registers.
pub(crate) struct Lanes<W: DefaultIsZeroes, const N: usize> {
    inner: [[W; LANES]; N],
    outer: [[W; LANES]; N],
    counters: [u64; LANES],
}

/// The states after the inner and the outer pad.
pub(crate) type Key<'a, W, const N: usize> = (&'a [W; N], &'a [W; N]);

/// The computation of the lanes of a hash.
pub(crate) trait Truncated {
    /// Returns the truncated MAC of each lane, 31 bits, if there are lanes of this width.
    fn truncated(&self, width: Width) -> Option<[u32; LANES]>;
}

impl<W: DefaultIsZeroes, const N: usize> Lanes<W, N> {
    pub(crate) fn new() -> Self {
        let none = [[W::default(); LANES]; N];
        Self { inner: none, outer: none, counters: [0; LANES] }
    }

    /// Sets the same key in every lane, without counters.
    pub(crate) fn fill(&mut self, (inner, outer): Key<'_, W, N>) {
        for (lanes, word) in self.inner.iter_mut().zip(inner) {
            lanes.fill(*word);
        }
        for (lanes, word) in self.outer.iter_mut().zip(outer) {
            lanes.fill(*word);
        }
    }

    /// Sets the key and the counter of every lane.
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

    /// Sets the counters to `first` and those after it. After `u64::MAX` they continue at 0, in lanes
    /// whose result is not used.
    pub(crate) fn count_from(&mut self, first: u64) {
        for (counter, slot) in (0_u64..).zip(&mut self.counters) {
            *slot = first.wrapping_add(counter);
        }
    }

    #[inline(always)]
    pub(crate) const fn counters(&self) -> &[u64; LANES] {
        &self.counters
    }

    /// Returns the key of a lane below [`LANES`].
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "every caller's lane is below LANES")]
    pub(crate) fn key(&self, lane: usize) -> ([W; N], [W; N]) {
        (
            core::array::from_fn(|word| self.inner[word][lane]),
            core::array::from_fn(|word| self.outer[word][lane]),
        )
    }

    /// Returns the upper and the lower half of each counter.
    #[inline(always)]
    pub(crate) fn halves(&self) -> ([u32; LANES], [u32; LANES]) {
        #[expect(clippy::cast_possible_truncation, reason = "this returns halves")]
        (self.counters.map(|counter| (counter >> 32) as u32), self.counters.map(|it| it as u32))
    }
}

impl<W: DefaultIsZeroes, const N: usize> Drop for Lanes<W, N> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Writes sixteen rounds of a hash without a loop. So the loop over the lanes is the innermost one, and
/// the compiler vectorises it.
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use core::array::from_fn;

    use otp_core::hazmat::{self, Midstates, midstates};
    use otp_core::{Algorithm, CodeFormat, Digits, Hotp};

    use super::{Key, LANES, Lanes, Truncated};
    use crate::width::Width;
    use zeroize::DefaultIsZeroes;

    /// The counters of the lanes: the lowest and highest values, carries and others.
    const COUNTERS: [u64; LANES] = {
        const CARRY: u64 = 1 << 32;
        const END: u64 = u64::MAX;
        [0, 1, 2, 7, 255, 256, CARRY - 1, CARRY, CARRY + 1, 3 << 40, END - 1, END, 5, 6, 8, 9]
    };

    fn agree<W: DefaultIsZeroes, const N: usize>(
        hotps: &[Hotp; LANES],
        key: impl for<'a> Fn(Midstates<'a>) -> Option<Key<'a, W, N>>,
        least_bits: u32,
    ) where
        Lanes<W, N>: Truncated,
    {
        let codes = |truncated: [u32; LANES]| truncated.map(|it| hazmat::code(it, format()));
        let keys: [_; LANES] = from_fn(|lane| key(midstates(&hotps[lane])).unwrap());
        let each: [_; LANES] = from_fn(|lane| hotps[lane].generate(COUNTERS[lane]));
        let one: [_; LANES] = from_fn(|lane| hotps[3].generate(1000 + lane as u64));
        for width in Width::all().into_iter().flatten() {
            let mut lanes = Lanes::new();
            lanes.set(&keys, &COUNTERS);
            let truncated = lanes.truncated(width);
            assert_eq!(truncated.is_some(), width.bits() >= least_bits, "{}", width.name());
            assert!(truncated.is_none_or(|it| codes(it) == each), "{}", width.name());
            lanes.fill(keys[3]);
            lanes.count_from(1000);
            assert!(lanes.truncated(width).is_none_or(|it| codes(it) == one), "{}", width.name());
        }
    }

    /// Returns a format that shows all 31 bits.
    fn format() -> CodeFormat {
        CodeFormat::Decimal(Digits::TEN)
    }

    /// This includes widths for which the engine computes codes one by one.
    #[test]
    fn lanes_of_every_width_agree_with_the_core() {
        for algorithm in Algorithm::ALL {
            let hotps = |lane: usize| {
                let key = [u8::try_from(lane).unwrap(); 10 * LANES];
                Hotp::new(*algorithm, &key[..=10 * lane]).unwrap().with_format(format())
            };
            let hotps: [_; LANES] = from_fn(hotps);
            match algorithm {
                Algorithm::Sha1 => agree::<u32, 5>(
                    &hotps,
                    |key| match key {
                        Midstates::Sha1 { inner, outer } => Some((inner, outer)),
                        _ => None,
                    },
                    128,
                ),
                Algorithm::Sha256 => agree::<u32, 8>(
                    &hotps,
                    |key| match key {
                        Midstates::Sha256 { inner, outer } => Some((inner, outer)),
                        _ => None,
                    },
                    128,
                ),
                Algorithm::Sha512 => agree::<u64, 8>(
                    &hotps,
                    |key| match key {
                        Midstates::Sha512 { inner, outer } => Some((inner, outer)),
                        _ => None,
                    },
                    256,
                ),
                _ => unreachable!(),
            }
        }
    }
}
