//! What an image computes in floating point: nothing, one hopes.

use anyhow::Result;
use object::{Architecture, File, Object, ObjectSection, ObjectSymbol, SectionKind};

/// How many instructions of a floating-point unit and routines in place of one an image has.
pub(super) fn count(file: &File<'_>) -> Result<u64> {
    let routine = |name: &str| name.contains("compiler_builtins5float");
    let routines = file.symbols().filter(|symbol| symbol.name().is_ok_and(routine)).count();
    let mut found = routines as u64;
    // The other processors have no such unit.
    if file.architecture() == Architecture::Arm {
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            found += thumb(section.address(), section.data()?, &marks(file));
        }
    }
    Ok(found)
}

/// Where code (true) and data between code (false) begin, in ascending order.
fn marks(file: &File<'_>) -> Vec<(u64, bool)> {
    let mark = |name: &str| match name.get(..2)? {
        "$t" => Some(true),
        "$d" => Some(false),
        _ => None,
    };
    let mut marks: Vec<_> = file
        .symbols()
        .filter_map(|symbol| Some((symbol.address(), mark(symbol.name().ok()?)?)))
        .collect();
    marks.sort_unstable();
    marks
}

/// Counts the instructions for coprocessors 10 and 11 in Thumb code.
fn thumb(start: u64, bytes: &[u8], marks: &[(u64, bool)]) -> u64 {
    let halves: Vec<u16> = bytes.as_chunks().0.iter().copied().map(u16::from_le_bytes).collect();
    let (mut place, mut found) = (0, 0);
    while let Some(first) = halves.get(place) {
        let address = start + 2 * place as u64;
        let (before, _) = marks.split_at(marks.partition_point(|(mark, _)| *mark <= address));
        let is_code = before.last().is_some_and(|(_, is_code)| *is_code);
        if !is_code || *first < 0xe800 {
            place += 1;
            continue;
        }
        // An instruction of two halves.
        let second = halves.get(place + 1).copied().unwrap_or_default();
        found += u64::from(first & 0xec00 == 0xec00 && second & 0x0e00 == 0x0a00);
        place += 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::thumb;

    #[test]
    fn instructions_are_told_from_others_and_from_data() {
        // `vldr s0, [sp]`, `vmul.f32 s0, s0, s2`; `bl`, `movs r0, #0`.
        let float = [0x9d, 0xed, 0x00, 0x0a, 0x20, 0xee, 0x01, 0x0a];
        let other = [0x00, 0xf0, 0x01, 0xf8, 0x00, 0x20];
        assert_eq!(thumb(8, &float, &[(8, true)]), 2);
        assert_eq!(thumb(8, &other, &[(8, true)]), 0);
        assert_eq!(thumb(8, &float, &[(8, false)]), 0);
        assert_eq!(thumb(8, &float, &[(8, true), (12, false)]), 1);
        assert_eq!(thumb(8, &[other.as_slice(), &float].concat(), &[(8, true)]), 2);
    }
}
