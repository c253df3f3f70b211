//! A counter in flash, begun and taken from; the driver beneath does nothing.
#![no_std]
#![no_main]

use core::hint::black_box;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use otp_flash::{Error, FlashCounter};

#[board::entry]
fn main() -> ! {
    // Nothing was written, so there is no counter to take.
    let _ = black_box(work());
    board::exit(true)
}

#[inline(never)]
fn work() -> Result<u64, Error<NorFlashErrorKind>> {
    let mut counter = FlashCounter::new(Flash);
    counter.format(black_box(0))?;
    measure::count(|| counter.take())
}

struct Flash;

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    #[inline(never)]
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        let _ = black_box((offset, bytes));
        black_box(Ok(()))
    }

    fn capacity(&self) -> usize {
        2 * Self::ERASE_SIZE
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    #[inline(never)]
    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        black_box((from, to));
        black_box(Ok(()))
    }

    #[inline(never)]
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        let _ = black_box((offset, bytes));
        black_box(Ok(()))
    }
}
