use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::{Batch, ExportError, MissingPages, Page};
use crate::error::Error;
use crate::parsed_uri::ParsedUri;

/// The pages that have a batch id in common.
#[derive(Debug)]
pub struct Export {
    /// In the order of their places, each of which is there once.
    pages: Vec<Page>,
    /// The place for which an earlier export with the same id has another page.
    repeated: Option<i32>,
}

impl Export {
    /// Sorts pages into exports, in whatever order they come.
    ///
    /// A page that comes twice counts once. Two different pages for one place cannot be of the
    /// same export, so the later one begins another export with the same id;
    /// [`Export::check`] reports it.
    #[must_use]
    pub fn merge(pages: impl IntoIterator<Item = Page>) -> Vec<Self> {
        let pages: Vec<Page> = pages.into_iter().collect();
        let mut seen = BTreeSet::new();
        let is_new: Vec<bool> = pages.iter().map(|page| seen.insert(page.says())).collect();
        let mut exports: Vec<Self> = Vec::new();
        // By id, which exports have it; by place, how many of them have a page there.
        let mut by_id: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
        let mut taken: BTreeMap<(i32, i32), usize> = BTreeMap::new();
        for (page, _) in pages.into_iter().zip(is_new).filter(|(_, is_new)| *is_new) {
            let Batch { id, index, .. } = page.batch();
            let of_id = by_id.entry(id).or_default();
            let taken = taken.entry((id, index)).or_default();
            match of_id.get(*taken).and_then(|number| exports.get_mut(*number)) {
                Some(export) => export.pages.push(page),
                None => {
                    of_id.push(exports.len());
                    let repeated = (*taken > 0).then_some(index);
                    exports.push(Self { pages: alloc::vec![page], repeated });
                }
            }
            *taken = taken.saturating_add(1);
        }
        for export in &mut exports {
            export.pages.sort_unstable_by_key(|page| page.batch().index);
        }
        exports
    }

    /// The batch id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.pages.first().map_or(0, |page| page.batch().id)
    }

    /// How many pages there should be, by the page that claims the most.
    #[must_use]
    pub fn size(&self) -> i32 {
        self.pages.iter().map(|page| page.batch().size).max().unwrap_or_default()
    }

    /// The pages in their order.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The accounts of all pages in their order.
    ///
    /// # Errors
    ///
    /// For each account, those of [`Page::accounts`].
    pub fn accounts(&self) -> impl Iterator<Item = Result<ParsedUri, Error>> {
        self.pages.iter().flat_map(Page::accounts)
    }

    /// The places, counted from 0, of the pages that are not there, as ranges: a page may claim
    /// that there are two billion.
    pub fn missing(&self) -> impl Iterator<Item = RangeInclusive<i32>> {
        let mut next = 0_i32;
        let size = self.size();
        let there = self.pages.iter().map(|page| page.batch().index);
        // The end counts as a page, so that there is a gap before it.
        there.filter(move |index| (0..size).contains(index)).chain([size]).filter_map(
            move |index| {
                let gap = next..=index.checked_sub(1)?;
                next = index.saturating_add(1);
                (!gap.is_empty()).then_some(gap)
            },
        )
    }

    /// Whether no page is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Checks that the export is whole and the only one with its pages.
    ///
    /// # Errors
    ///
    /// - [`ExportError::Missing`] if pages are missing.
    /// - [`ExportError::Repeated`] if an earlier export of the same
    ///   [`merge`](Export::merge) has another page for one of its places.
    ///
    /// ```
    /// use otp_uri::migration::{Export, ExportError, Page};
    ///
    /// // The first of two pages.
    /// let page = Page::parse("otpauth-migration://offline?data=EAEYAiAA")?;
    /// let export = &Export::merge([page])[0];
    /// let Err(ExportError::Missing(pages)) = export.check() else { panic!("page 2 is missing") };
    /// assert_eq!(pages.indices().collect::<Vec<_>>(), [1]);
    /// # Ok::<(), otp_uri::Error>(())
    /// ```
    pub fn check(&self) -> Result<(), ExportError> {
        let (id, size) = (self.id(), self.size());
        let gaps: Vec<_> = self.missing().collect();
        if !gaps.is_empty() {
            return Err(ExportError::Missing(MissingPages { id, size, gaps }));
        }
        self.repeated.map_or(Ok(()), |index| Err(ExportError::Repeated { id, index }))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;
    use core::ops::RangeInclusive;

    use super::Export;
    use crate::migration::Page;

    #[test]
    fn hostile_batch_numbers_cost_nothing() {
        let missing = |data: &str| -> Vec<RangeInclusive<i32>> {
            let page = Page::parse(&format!("otpauth-migration://offline?data={data}"));
            Export::merge([page.unwrap()]).iter().flat_map(Export::missing).collect()
        };
        // Size 2^31 - 1, index 5.
        assert_eq!(missing("GP____8HIAU"), [0..=4, 6..=i32::MAX - 1]);
        // A negative size and index, and an index beyond the size.
        assert_eq!(missing("GP___________wEg____________AQ"), []);
        assert_eq!(missing("GAIgBw"), [0..=1]);
    }
}
