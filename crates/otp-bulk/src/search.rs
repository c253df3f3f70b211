use core::fmt;
use core::iter::FusedIterator;
use core::ops::RangeInclusive;

use otp_core::{Code, Hotp};

use crate::blocks::{Block, Blocks};
use crate::residue::Residue;
use crate::width::Width;

/// An iterator over the counters that have a code, lowest first.
///
/// [`Engine::search`](crate::Engine::search) returns it.
pub struct Search<'a> {
    blocks: Blocks<'a>,
    code: Code,
    before: &'a [Code],
    residue: Residue,
    /// The first counter of the current block.
    first: u64,
    /// The counters of the block that have the code, a bit for each, from the lowest on.
    hits: u32,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        width: Width,
        hotp: &'a Hotp,
        code: Code,
        counters: RangeInclusive<u64>,
    ) -> Self {
        let blocks = Blocks::new(width, hotp, counters);
        let search =
            Self { blocks, code, before: &[], residue: Residue::of(code), first: 0, hits: 0 };
        search.preceded_by(&[])
    }

    /// Keeps only counters that directly follow those of these codes, in this order.
    ///
    /// The counters of `before` may lie outside of the range. One counter in a million has a given code
    /// of six digits, so a single code is ambiguous. With one more code, a million counters nearly always
    /// have only the right match.
    #[must_use]
    pub fn preceded_by(mut self, before: &'a [Code]) -> Self {
        self.before = before;
        // A code of another format never matches.
        let format = self.blocks.hotp.format();
        if before.iter().chain([&self.code]).any(|code| code.format() != format) {
            self.blocks.clear();
        }
        self
    }

    /// Returns the counters of a block that have the code, a bit for each.
    fn look(&self, block: &Block) -> u32 {
        let places = 0..block.length;
        match block.truncated {
            Some(truncated) => {
                let hits = self.residue.hits(&truncated);
                bits(hits.into_iter().take(block.length))
            }
            None => bits(places.map(|place| {
                let counter = block.first.saturating_add(place as u64);
                self.blocks.hotp.generate(counter) == self.code
            })),
        }
    }

    /// Returns whether the other codes directly precede a counter.
    fn is_preceded(&self, counter: u64) -> bool {
        let before = self.before.iter().rev().zip(1_u64..);
        before.into_iter().all(|(code, back)| {
            counter.checked_sub(back).is_some_and(|it| self.blocks.hotp.generate(it) == *code)
        })
    }
}

fn bits(hits: impl Iterator<Item = bool>) -> u32 {
    hits.zip(0..).fold(0, |bits, (hit, place)| bits | (u32::from(hit).wrapping_shl(place)))
}

impl Iterator for Search<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        loop {
            while self.hits != 0 {
                let counter = self.first.saturating_add(self.hits.trailing_zeros().into());
                self.hits &= self.hits.wrapping_sub(1);
                if self.is_preceded(counter) {
                    return Some(counter);
                }
            }
            let block = self.blocks.next()?;
            (self.first, self.hits) = (block.first, self.look(&block));
        }
    }
}

impl FusedIterator for Search<'_> {}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("rest", self.blocks.rest()).finish_non_exhaustive()
    }
}
