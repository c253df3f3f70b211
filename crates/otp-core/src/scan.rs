use subtle::{Choice, ConditionallySelectable};

use crate::{Code, Rejected, Window};

/// The result of a scan over every counter of a window.
///
/// It does not branch on a match before the whole window has been seen.
pub(crate) struct Scan {
    expected: u64,
    next: u64,
    /// The highest unspent match up to the expected counter, thus the nearest there.
    below: u64,
    found_below: Choice,
    /// The lowest and the highest unspent match above it.
    above: u64,
    highest: u64,
    found_above: Choice,
    replayed: Choice,
    exhausted: Choice,
}

/// A match: the counter to spend, and the one that tells the drift.
pub(crate) struct Hit {
    pub(crate) counter: u64,
    pub(crate) nearest: u64,
}

impl Scan {
    pub(crate) fn new(expected: u64, next: u64) -> Self {
        let no = Choice::from(0);
        Self {
            expected,
            next,
            below: 0,
            found_below: no,
            above: 0,
            highest: 0,
            found_above: no,
            replayed: no,
            exhausted: no,
        }
    }

    /// Takes the next counter. Counters come in ascending order.
    pub(crate) fn see(&mut self, counter: u64, hit: Choice) {
        // Which counters are spent is no secret, so these are ordinary branches.
        if counter < self.next {
            self.replayed |= hit;
        } else if counter == u64::MAX {
            self.exhausted |= hit;
        } else if counter <= self.expected {
            self.below.conditional_assign(&counter, hit);
            self.found_below |= hit;
        } else {
            self.above.conditional_assign(&counter, hit & !self.found_above);
            self.highest.conditional_assign(&counter, hit);
            self.found_above |= hit;
        }
    }

    /// Returns the match to spend, which is the highest, so that every other one is unusable, too.
    ///
    /// The answer reveals whether there is a match. It must not reveal where, so no branch depends on
    /// the place, and the work is the same without a match.
    pub(crate) fn finish(self) -> Result<Hit, Rejected> {
        let (nearest, _) = self.nearest();
        self.conclude(self.found(), Hit { counter: self.counter(), nearest })
    }

    /// Ends the scan of two windows with one lowest unspent counter. The match to spend is the highest of
    /// both, and the nearest is the one nearest to the middle of its window.
    ///
    /// No branch depends on which window has a match.
    pub(crate) fn finish_with(mut self, other: &Self) -> Result<Hit, Rejected> {
        let (one, two) = (self.found(), other.found());
        let (counter, other_counter) = (self.counter(), other.counter());
        let (nearest, distance) = self.nearest();
        let (other_nearest, other_distance) = other.nearest();
        let higher = two & (!one | less(counter, other_counter));
        let nearer = two & (!one | !less(distance, other_distance));
        self.replayed |= other.replayed;
        self.exhausted |= other.exhausted;
        let hit = Hit {
            counter: u64::conditional_select(&counter, &other_counter, higher),
            nearest: u64::conditional_select(&nearest, &other_nearest, nearer),
        };
        self.conclude(one | two, hit)
    }

    /// The answer reveals the reason, too, which the caller logs. Its time must not.
    fn conclude(&self, found: Choice, hit: Hit) -> Result<Hit, Rejected> {
        // Whether a counter is left is no secret.
        let exhausted = self.exhausted | Choice::from(u8::from(self.next == u64::MAX));
        let reason = u8::conditional_select(&0, &1, exhausted);
        let reason = match u8::conditional_select(&reason, &2, self.replayed) {
            0 => Rejected::Mismatch,
            1 => Rejected::Exhausted,
            _ => Rejected::Replayed,
        };
        if bool::from(found) { Ok(hit) } else { Err(reason) }
    }

    fn found(&self) -> Choice {
        self.found_above | self.found_below
    }

    /// The highest unspent match.
    fn counter(&self) -> u64 {
        u64::conditional_select(&self.below, &self.highest, self.found_above)
    }

    /// The match nearest to the expected counter, and how far it is from there.
    fn nearest(&self) -> (u64, u64) {
        let behind = self.expected.wrapping_sub(self.below);
        let ahead = self.above.wrapping_sub(self.expected);
        let below = self.found_below & !(self.found_above & less(ahead, behind));
        (
            u64::conditional_select(&self.above, &self.below, below),
            u64::conditional_select(&ahead, &behind, below),
        )
    }
}

/// Whether one number is less than another that is less than 2^63 away, without a branch.
fn less(one: u64, other: u64) -> Choice {
    let [.., borrow] = (one.wrapping_sub(other) >> 63).to_be_bytes();
    Choice::from(borrow)
}

/// The counters of a window, ascending, cut off at the ends of `u64`.
pub(crate) fn counters(expected: u64, window: Window) -> core::ops::RangeInclusive<u64> {
    expected.saturating_sub(window.behind.into())..=expected.saturating_add(window.ahead.into())
}

/// Follows several codes through consecutive counters (RFC 4226 § 7.4).
pub(crate) struct Run<'a, const N: usize> {
    codes: &'a [Code; N],
    /// For each code, whether it and those before it matched up to the last counter.
    matched: [Choice; N],
}

impl<'a, const N: usize> Run<'a, N> {
    /// With fewer than two codes a resynchronisation would be no more than a wide window.
    const TWO_OR_MORE: () = assert!(N >= 2, "resynchronising takes at least two codes");

    pub(crate) fn new(codes: &'a [Code; N]) -> Self {
        let () = Self::TWO_OR_MORE;
        Self { codes, matched: [Choice::from(0); N] }
    }

    /// Whether the last code matches at this counter and the others just before it.
    pub(crate) fn ends(&mut self, truncated: u32) -> Choice {
        let mut so_far = Choice::from(1);
        for (code, matched) in self.codes.iter().zip(&mut self.matched) {
            let now = code.matches(truncated) & so_far;
            so_far = core::mem::replace(matched, now);
        }
        self.matched.last().copied().unwrap_or(Choice::from(0))
    }
}
