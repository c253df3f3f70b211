use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

/// The most indices that the message names.
const NAMED: usize = 100;

/// The reason why pages are not a complete export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// Pages are missing.
    Missing(MissingPages),
    /// Two different pages have one index.
    Repeated {
        /// The batch id of both.
        id: i32,
        /// The index of both, counted from 0.
        index: i32,
    },
}

/// The pages that an export lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPages {
    pub(super) id: i32,
    pub(super) size: i32,
    pub(super) gaps: Vec<RangeInclusive<i32>>,
}

impl MissingPages {
    /// Returns the batch id of the export.
    #[must_use]
    pub const fn id(&self) -> i32 {
        self.id
    }

    /// Returns the number of pages of the export.
    #[must_use]
    pub const fn size(&self) -> i32 {
        self.size
    }

    /// Returns the indices of the missing pages, counted from 0. There may be two billion: a page may
    /// claim any size.
    pub fn indices(&self) -> impl Iterator<Item = i32> {
        self.gaps.iter().cloned().flatten()
    }

    /// Returns the number of missing pages.
    #[must_use]
    pub fn count(&self) -> u64 {
        let length = |gap: &RangeInclusive<i32>| {
            u64::from(gap.end().abs_diff(*gap.start())).saturating_add(1)
        };
        self.gaps.iter().map(length).fold(0, u64::saturating_add)
    }
}

impl fmt::Display for MissingPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, size, count) = (self.id, self.size, self.count());
        write!(f, "export {id}: {count} of {size} pages missing, with index ")?;
        for (place, index) in self.indices().take(NAMED).enumerate() {
            write!(f, "{}{index}", if place == 0 { "" } else { ", " })?;
        }
        let has_more = self.indices().nth(NAMED).is_some();
        f.write_str(if has_more { " and so on" } else { "" })
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(pages) => pages.fmt(f),
            Self::Repeated { id, index } => {
                write!(f, "export {id}: two different pages have index {index}")
            }
        }
    }
}

impl core::error::Error for ExportError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::MissingPages;

    #[test]
    fn at_most_a_hundred_missing_pages_are_named() {
        let pages = MissingPages { id: 7, size: 6, gaps: vec![0..=0, 3..=5] };
        assert_eq!((pages.id(), pages.size(), pages.count()), (7, 6, 4));
        assert_eq!(pages.indices().collect::<Vec<_>>(), [0, 3, 4, 5]);
        assert_eq!(pages.to_string(), "export 7: 4 of 6 pages missing, with index 0, 3, 4, 5");
        for (last, end) in [(99, ", 98, 99"), (100, ", 99 and so on"), (i32::MAX, " and so on")] {
            let pages = MissingPages { id: 0, size: i32::MAX, gaps: vec![0..=last] };
            let text = pages.to_string();
            assert!(text.ends_with(end) && text.matches(", ").count() == 100, "{text}");
        }
    }
}
