/// Pseudo-random numbers, equal in every run (SplitMix64).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below a bound, which must not be 0.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        match self.next().checked_rem(bound) {
            Some(number) => number,
            None => 0,
        }
    }

    /// Returns one of several choices.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let place = self.below(u64::try_from(choices.len()).unwrap_or_default());
        match usize::try_from(place).ok().and_then(|place| choices.get(place)) {
            Some(choice) => choice,
            None => panic!("there is nothing to choose from"),
        }
    }
}
