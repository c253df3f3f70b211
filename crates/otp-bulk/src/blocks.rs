use core::ops::RangeInclusive;

use otp_core::Hotp;

use crate::one_key::OneKey;
use crate::width::{LANES, Width};

/// An empty range.
const NOTHING: RangeInclusive<u64> = RangeInclusive::new(1, 0);

/// A range of counters of one key, in blocks of at most [`LANES`].
pub(crate) struct Blocks<'a> {
    pub(crate) hotp: &'a Hotp,
    width: Width,
    counters: RangeInclusive<u64>,
    /// The lanes, created for the first block that is large enough.
    lanes: Option<OneKey>,
}

pub(crate) struct Block {
    pub(crate) first: u64,
    /// The number of counters, 1 to [`LANES`].
    pub(crate) length: usize,
    /// The truncated MACs of the counters, and some more; `None` if the counters are so few that one by
    /// one is faster.
    pub(crate) truncated: Option<[u32; LANES]>,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(width: Width, hotp: &'a Hotp, counters: RangeInclusive<u64>) -> Self {
        // A range keeps its bounds even after it was iterated to its end.
        let counters = if counters.is_empty() { NOTHING } else { counters };
        Self { hotp, width, counters, lanes: None }
    }

    /// Returns the rest of the range.
    pub(crate) const fn rest(&self) -> &RangeInclusive<u64> {
        &self.counters
    }

    /// Drops the rest of the range.
    pub(crate) const fn clear(&mut self) {
        self.counters = NOTHING;
    }

    fn take(&mut self) -> Option<(u64, usize)> {
        let (first, last) = (*self.counters.start(), *self.counters.end());
        let after = last.checked_sub(first)?;
        match first.checked_add(LANES as u64) {
            Some(next) if next <= last => {
                self.counters = next..=last;
                Some((first, LANES))
            }
            _ => {
                self.clear();
                Some((first, usize::try_from(after).unwrap_or(LANES).saturating_add(1)))
            }
        }
    }

    fn truncated(&mut self, first: u64, length: usize) -> Option<[u32; LANES]> {
        if length < self.width.worth(self.hotp.algorithm()) {
            return None;
        }
        if self.lanes.is_none() {
            let lanes = self.lanes.insert(OneKey::zeros(self.hotp.algorithm())?);
            if lanes.set(self.hotp).is_none() {
                self.lanes = None;
            }
        }
        self.lanes.as_mut()?.truncated(self.width, first)
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let (first, length) = self.take()?;
        Some(Block { first, length, truncated: self.truncated(first, length) })
    }
}
