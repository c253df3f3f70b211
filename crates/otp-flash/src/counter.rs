use embedded_storage::nor_flash::NorFlash;

use crate::error::Error;
use crate::page::{HEADER, Page, UNIT, size};

/// A counter in the first two pages of a flash, or of a part of a flash.
#[derive(Debug)]
pub struct FlashCounter<F> {
    flash: F,
}

impl<F: NorFlash> FlashCounter<F> {
    /// Compiles only if the flash can hold a counter.
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

    /// Creates a counter in a flash, which is not read yet.
    pub const fn new(flash: F) -> Self {
        let () = Self::FITS;
        Self { flash }
    }

    /// Returns the flash.
    pub fn into_flash(self) -> F {
        self.flash
    }

    /// Erases both pages and sets the next counter. Call it in the factory, never on a device in use.
    ///
    /// After a power cut, call it again before anything else: the flash may still have an old counter.
    ///
    /// # Errors
    ///
    /// [`Error::Flash`] if the flash fails.
    pub fn format(&mut self, next: u64) -> Result<(), Error<F::Error>> {
        Page::second::<F>().erase(&mut self.flash)?;
        Ok(Page::FIRST.begin(&mut self.flash, next)?)
    }

    /// Spends the next counter and returns it. The caller may then show its code.
    ///
    /// # Errors
    ///
    /// Show no code after an error.
    ///
    /// - [`Error::Blank`]: the flash has no counter. To begin at 0 would repeat codes.
    /// - [`Error::Exhausted`]: the next counter is `u64::MAX`, which is never returned, since no
    ///   counter follows it.
    /// - [`Error::Flash`]: the flash failed. The counter may be lost. Retrying is safe.
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
