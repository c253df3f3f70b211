//! A counter in NOR flash that no power cut makes repeat itself: the moving factor of HOTP
//! (RFC 4226 § 7.2 and § 7.4 ask that it only ever grows).
//!
//! It takes two erasable pages of any flash with `embedded-storage`'s `NorFlash`, write units of 1
//! to 16 bytes, each programmed once between two erasures (so flash with error correction will do),
//! and keeps nothing in RAM.
//!
//! ```text
//! page:  start, 8 bytes | its complement | mark 0 | mark 1 | mark 2 | … (one write unit each)
//! ```
//!
//! Mark 0 seals the page; every further mark spends a counter, so the next one is `start` plus the
//! marks after mark 0. When no room is left the other page is erased and begun with the following
//! `start`; of two sealed pages the one that is further on counts.
//!
//! Why a cut cannot repeat a counter:
//! - A counter is handed out only after the mark that spends it has been programmed.
//! - The last mark that is not blank counts, so one torn mark reads as spent or as unspent, which
//!   skips that counter or leaves it to be spent, and it had not been handed out.
//! - The page in use is not erased before the other one is sealed, and that begins further on.
//! - A torn start differs from its complement: programming only clears bits, so what has not been
//!   cleared in either is set in both. A page whose mark 0 is blank counts as torn too, so a start
//!   that was cut short is never relied on even if it reads right.
#![no_std]
#![forbid(unsafe_code)]

mod page;

use core::fmt;

use embedded_storage::nor_flash::NorFlash;

use crate::page::{HEADER, Page, UNIT, size};

/// A counter in the first two pages of a flash, or of the part of one that is given to it.
#[derive(Debug)]
pub struct FlashCounter<F> {
    flash: F,
}

impl<F: NorFlash> FlashCounter<F> {
    /// Whether the flash can hold a counter; otherwise this does not compile.
    const FITS: () = {
        assert!(F::WRITE_SIZE >= 1 && F::WRITE_SIZE <= UNIT, "write units have 1 to 16 bytes");
        assert!(
            F::WRITE_SIZE.is_multiple_of(F::READ_SIZE),
            "a write unit must be readable by itself"
        );
        assert!(HEADER.is_multiple_of(F::READ_SIZE), "16 bytes must be readable by themselves");
        assert!(
            F::ERASE_SIZE.is_multiple_of(F::WRITE_SIZE),
            "a page is a whole number of write units"
        );
        assert!(F::ERASE_SIZE >= HEADER * 2 + 2 * UNIT, "a page must hold a few marks");
        assert!(F::ERASE_SIZE <= 1 << 24, "a page has 16 MiB at the most");
    };

    /// Takes the flash; nothing is read yet.
    pub const fn new(flash: F) -> Self {
        let () = Self::FITS;
        Self { flash }
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash
    }

    /// Erases both pages and begins at a counter: for the factory, never for a device in use.
    ///
    /// If it is cut short, it must be done again: until then a counter that was there may repeat.
    ///
    /// # Errors
    ///
    /// [`Error::Flash`] if the flash fails.
    pub fn format(&mut self, next: u64) -> Result<(), Error<F::Error>> {
        Page::second::<F>().erase(&mut self.flash)?;
        Ok(Page::FIRST.begin(&mut self.flash, next)?)
    }

    /// Spends the next counter and returns it: whoever has it may show its code.
    ///
    /// # Errors
    ///
    /// Nothing may be shown then.
    ///
    /// - [`Error::Blank`]: there is no counter. To begin at 0 would repeat codes.
    /// - [`Error::Exhausted`]: `u64::MAX` is never handed out, since nothing could follow it.
    /// - [`Error::Flash`]: the flash failed; the counter may be lost, and trying again is safe.
    pub fn take(&mut self) -> Result<u64, Error<F::Error>> {
        let (mut page, mut other) = (Page::FIRST, Page::second::<F>());
        let mut state = page.read(&mut self.flash)?;
        let second = other.read(&mut self.flash)?;
        if second.next > state.next || !state.is_sealed() {
            (page, other, state) = (other, page, second);
        }
        if !state.is_sealed() {
            return Err(Error::Blank);
        }
        let following = state.next.checked_add(1).ok_or(Error::Exhausted)?;
        if state.place < size::<F>() {
            page.mark(&mut self.flash, state.place)?;
        } else {
            other.begin(&mut self.flash, following)?;
        }
        Ok(state.next)
    }
}

/// Why there is no counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// The flash holds none.
    Blank,
    /// None is left.
    Exhausted,
    /// The flash failed.
    Flash(E),
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Self::Flash(error)
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "flash holds no counter",
            Self::Exhausted => "no counter is left",
            Self::Flash(_) => "flash failed",
        })
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Flash(error) => Some(error),
            _ => None,
        }
    }
}
