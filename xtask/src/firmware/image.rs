use core::ops::Range;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use object::{File, Object, ObjectSection, ObjectSymbol, SectionKind};

use super::floats;

/// What an image takes before it runs.
pub(super) struct Image {
    /// Bytes of flash, without the driver that a counter is given.
    pub(super) flash: u64,
    /// Bytes of RAM that are taken for good.
    pub(super) ram: u64,
    /// Instructions and routines for floating-point numbers.
    pub(super) floats: u64,
    /// Where the function is that marks the beginning and the end of a count.
    pub(super) mark: Range<u64>,
}

impl Image {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = File::parse(&*bytes)?;
        let (mut flash, mut ram) = (0, 0);
        for section in file.sections() {
            match section.kind() {
                SectionKind::Text | SectionKind::ReadOnlyData | SectionKind::ReadOnlyString => {
                    flash += section.size();
                }
                // Values that are copied when the image starts take both.
                SectionKind::Data => {
                    flash += section.size();
                    ram += section.size();
                }
                // What the start-up code of RISC-V leaves over is no part of what is taken.
                _ if matches!(section.name()?, ".heap" | ".stack") => {}
                SectionKind::UninitializedData => ram += section.size(),
                _ => {}
            }
        }
        let named = |part: &'static str| {
            file.symbols().filter(move |symbol| symbol.name().is_ok_and(|name| name.contains(part)))
        };
        let driver: u64 = named("embedded_storage").map(|symbol| symbol.size()).sum();
        let mark = named("5board4mark")
            .next()
            .with_context(|| format!("{} has no mark", path.display()))?;
        // The lowest bit of an address says that it is Thumb code.
        let start = mark.address() & !1;
        let mark = start..start + mark.size();
        Ok(Self { flash: flash - driver, ram, floats: floats::count(&file)?, mark })
    }
}
