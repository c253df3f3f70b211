//! Simulated NOR flash: its power can be cut, and it panics where real flash would lose data.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

/// The number of positions within an operation at which the power is cut.
pub(crate) const POSITIONS: usize = 17;
/// The values of a byte after a cut, from its old value and its intended value.
pub(crate) const PATTERNS: [fn(u8, u8) -> u8; 4] = [
    // Unchanged.
    |old, _| old,
    // Done.
    |_, new| new,
    // Half of the bits.
    |old, new| (old & 0xf0) | (new & 0x0f),
    // The other bits, as noise would choose them.
    |old, new| (old & 0x5a) | (new & 0xa5),
];

/// The power is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Power;

impl NorFlashError for Power {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// The time of a power cut, counted from now, and its effect.
///
/// A cut may leave bits halfway. Such a bit reads as 0 now and as 1 later, until it is erased or
/// programmed again.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) operation: usize,
    pub(crate) position: usize,
    pub(crate) pattern: fn(u8, u8) -> u8,
    pub(crate) halfway: bool,
}

#[derive(Clone)]
pub(crate) struct Flash<const UNIT: usize, const PAGE: usize> {
    pub(crate) bytes: Vec<u8>,
    /// The bits of each byte that read inverted every second time.
    halfway: Vec<u8>,
    reads: usize,
    /// Whether each unit was programmed since it was erased. A torn unit may be programmed once more.
    programmed: Vec<bool>,
    cut: Option<Cut>,
    pub(crate) down: bool,
    pub(crate) operations: usize,
}

impl<const UNIT: usize, const PAGE: usize> Flash<UNIT, PAGE> {
    pub(crate) fn blank() -> Self {
        Self {
            bytes: vec![0xff; 2 * PAGE],
            halfway: vec![0; 2 * PAGE],
            reads: 0,
            programmed: vec![false; 2 * PAGE / UNIT],
            cut: None,
            down: false,
            operations: 0,
        }
    }

    pub(crate) fn power_up(&mut self, cut: Option<Cut>) {
        (self.cut, self.down) = (cut, false);
    }

    /// Performs an operation, up to the power cut.
    fn change(&mut self, offset: usize, new: &[u8]) -> Result<(), Power> {
        if self.down {
            return Err(Power);
        }
        self.operations += 1;
        let old = &mut self.bytes[offset..][..new.len()];
        let halfway = &mut self.halfway[offset..][..new.len()];
        match &mut self.cut {
            Some(cut) if cut.operation == 0 => {
                // Seventeen positions, from before the first byte to the last one.
                let torn = cut.position * new.len() / POSITIONS;
                for (place, (old, new)) in old.iter_mut().zip(new).enumerate() {
                    if place < torn {
                        (*old, halfway[place]) = (*new, 0);
                    } else if place == torn || place % 5 == torn % 5 {
                        if cut.halfway {
                            halfway[place] = *old ^ *new;
                        }
                        *old = (cut.pattern)(*old, *new);
                    }
                }
                (self.cut, self.down) = (None, true);
                return Err(Power);
            }
            Some(cut) => cut.operation -= 1,
            None => {}
        }
        old.copy_from_slice(new);
        halfway.fill(0);
        Ok(())
    }
}

impl<const UNIT: usize, const PAGE: usize> ErrorType for Flash<UNIT, PAGE> {
    type Error = Power;
}

impl<const UNIT: usize, const PAGE: usize> ReadNorFlash for Flash<UNIT, PAGE> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Power> {
        check_read(self, offset, bytes.len()).unwrap();
        if self.down {
            return Err(Power);
        }
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        self.reads += 1;
        if self.reads % 2 == 1 {
            for (byte, halfway) in bytes.iter_mut().zip(&self.halfway[offset as usize..]) {
                *byte ^= halfway;
            }
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const UNIT: usize, const PAGE: usize> NorFlash for Flash<UNIT, PAGE> {
    const WRITE_SIZE: usize = UNIT;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Power> {
        check_erase(self, from, to).unwrap();
        let (from, to) = (from as usize, to as usize);
        self.change(from, &vec![0xff; to - from])?;
        self.programmed[from / UNIT..to / UNIT].fill(false);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Power> {
        check_write(self, offset, bytes.len()).unwrap();
        let (from, to) = (offset as usize, offset as usize + bytes.len());
        let units = from / UNIT..to / UNIT;
        assert!(!self.programmed[units.clone()].contains(&true), "a unit programmed twice");
        self.change(from, bytes)?;
        self.programmed[units].fill(true);
        Ok(())
    }
}
