use embedded_storage::nor_flash::NorFlash;

/// The longest write unit, in bytes.
pub(crate) const UNIT: usize = 16;
/// The length of a start and its complement, in bytes.
pub(crate) const HEADER: usize = 16;

/// One of the two pages.
#[derive(Clone, Copy)]
pub(crate) struct Page(u32);

/// The content of a page.
pub(crate) struct State {
    /// The lowest unspent counter; 0 if the page is not sealed.
    pub(crate) next: u64,
    /// The place of the next mark: the end of a full page, or 0 in a page that is not sealed.
    pub(crate) place: u32,
}

impl State {
    const UNSEALED: Self = Self { next: 0, place: 0 };

    pub(crate) const fn is_sealed(&self) -> bool {
        self.place > 0
    }
}

impl Page {
    pub(crate) const FIRST: Self = Self(0);

    /// The second page.
    pub(crate) const fn second<F: NorFlash>() -> Self {
        Self(size::<F>())
    }

    pub(crate) fn erase<F: NorFlash>(self, flash: &mut F) -> Result<(), F::Error> {
        flash.erase(self.0, self.0.wrapping_add(size::<F>()))
    }

    /// Erases the page, writes its start and seals it.
    pub(crate) fn begin<F: NorFlash>(self, flash: &mut F, start: u64) -> Result<(), F::Error> {
        self.erase(flash)?;
        // The most bytes that the header takes in whole write units.
        let header = [start.to_le_bytes(), (!start).to_le_bytes(), [0xff; 8], [0xff; 8]];
        let header = header.as_flattened().get(..first_mark::<F>() as usize).unwrap_or_default();
        flash.write(self.0, header)?;
        self.mark(flash, first_mark::<F>())
    }

    /// Programs a mark.
    pub(crate) fn mark<F: NorFlash>(self, flash: &mut F, place: u32) -> Result<(), F::Error> {
        let mark: &[u8] = &[0; UNIT];
        let mark = mark.get(..F::WRITE_SIZE).unwrap_or_default();
        flash.write(self.0.wrapping_add(place), mark)
    }

    pub(crate) fn read<F: NorFlash>(self, flash: &mut F) -> Result<State, F::Error> {
        let mut header = [[0; 8]; 2];
        flash.read(self.0, header.as_flattened_mut())?;
        let [start, complement] = header.map(u64::from_le_bytes);
        if start != !complement {
            return Ok(State::UNSEALED);
        }
        // From the end: a torn mark may read as blank now and as programmed later.
        let mut place = size::<F>();
        while place > first_mark::<F>() {
            let before = place.wrapping_sub(unit::<F>());
            if !self.is_blank(flash, before)? {
                let spent = before.wrapping_sub(first_mark::<F>()).checked_div(unit::<F>());
                // After the last counter no mark is programmed.
                let next = start.wrapping_add(spent.unwrap_or_default().into());
                return Ok(State { next, place });
            }
            place = before;
        }
        Ok(State::UNSEALED)
    }

    fn is_blank<F: NorFlash>(self, flash: &mut F, place: u32) -> Result<bool, F::Error> {
        let mut mark = [0; UNIT];
        let mark = mark.get_mut(..F::WRITE_SIZE).unwrap_or_default();
        flash.read(self.0.wrapping_add(place), mark)?;
        Ok(mark.iter().all(|byte| *byte == 0xff))
    }
}

/// The size of a page.
#[expect(clippy::cast_possible_truncation, reason = "16 MiB at the most")]
pub(crate) const fn size<F: NorFlash>() -> u32 {
    F::ERASE_SIZE as u32
}

#[expect(clippy::cast_possible_truncation, reason = "16 at the most")]
const fn unit<F: NorFlash>() -> u32 {
    F::WRITE_SIZE as u32
}

/// Returns the place of mark 0: after the header, in whole write units.
#[expect(clippy::cast_possible_truncation, reason = "31 at the most")]
const fn first_mark<F: NorFlash>() -> u32 {
    HEADER.div_ceil(F::WRITE_SIZE).wrapping_mul(F::WRITE_SIZE) as u32
}
