use core::fmt;
use core::iter::FusedIterator;
use core::ops::RangeInclusive;

use otp_core::{Code, Hotp, hazmat};
use zeroize::Zeroize;

use crate::blocks::{Block, Blocks};
use crate::width::Width;

/// An iterator over the counters of a range and their codes, in order.
///
/// [`Engine::codes`](crate::Engine::codes) returns it.
pub struct Codes<'a> {
    blocks: Blocks<'a>,
    block: Block,
    /// The number of codes of the block that were returned.
    given: usize,
}

impl<'a> Codes<'a> {
    pub(crate) fn new(width: Width, hotp: &'a Hotp, counters: RangeInclusive<u64>) -> Self {
        let block = Block { first: 0, length: 0, truncated: None };
        Self { blocks: Blocks::new(width, hotp, counters), block, given: 0 }
    }

    fn code(&self, counter: u64, place: usize) -> Code {
        let truncated = self.block.truncated.as_ref().and_then(|values| values.get(place));
        match truncated {
            Some(value) => hazmat::code(*value, self.blocks.hotp.format()),
            None => self.blocks.hotp.generate(counter),
        }
    }
}

impl Iterator for Codes<'_> {
    type Item = (u64, Code);

    fn next(&mut self) -> Option<(u64, Code)> {
        if self.given == self.block.length {
            (self.block, self.given) = (self.blocks.next()?, 0);
        }
        let place = self.given;
        self.given = place.saturating_add(1);
        let counter = self.block.first.saturating_add(place as u64);
        Some((counter, self.code(counter, place)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ready = self.block.length.saturating_sub(self.given);
        let (least, most) = self.blocks.rest().size_hint();
        (least.saturating_add(ready), most.and_then(|most| most.checked_add(ready)))
    }
}

impl FusedIterator for Codes<'_> {}

impl Drop for Codes<'_> {
    fn drop(&mut self) {
        if let Some(values) = &mut self.block.truncated {
            values.zeroize();
        }
    }
}

impl fmt::Debug for Codes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").field("rest", self.blocks.rest()).finish_non_exhaustive()
    }
}
