use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

/// Two pages of NOR flash with write units of four bytes, played by RAM.
///
/// Erasing sets every bit, writing clears bits. On a product it is the driver of the chip.
#[derive(Debug)]
pub struct Flash {
    bytes: [u8; Self::SIZE],
}

impl Flash {
    const SIZE: usize = 2 * <Self as NorFlash>::ERASE_SIZE;

    /// Flash as it leaves the factory.
    #[must_use]
    pub const fn blank() -> Self {
        Self { bytes: [0xff; Self::SIZE] }
    }
}

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    #[inline(never)]
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(self, offset, bytes.len())?;
        for (slot, byte) in bytes.iter_mut().zip(self.bytes.iter().skip(offset as usize)) {
            *slot = *byte;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        Self::SIZE
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 256;

    #[inline(never)]
    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(self, from, to)?;
        let page = self.bytes.get_mut(from as usize..to as usize);
        page.ok_or(NorFlashErrorKind::OutOfBounds)?.fill(0xff);
        Ok(())
    }

    #[inline(never)]
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(self, offset, bytes.len())?;
        for (slot, byte) in self.bytes.iter_mut().skip(offset as usize).zip(bytes) {
            *slot &= byte;
        }
        Ok(())
    }
}
