use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::{Batch, ExportError, MissingPages, Page};
use crate::error::Error;
use crate::parsed_uri::ParsedUri;

/// The pages with the same batch id.
#[derive(Debug)]
pub struct Export {
    /// The pages, ordered by index, with at most one for each.
    pages: Vec<Page>,
    /// The index for which an earlier export with the same id has another page.
    repeated: Option<i32>,
}

impl Export {
    /// Sorts pages in any order into exports.
    ///
    /// A page that appears twice counts once. Two different pages with one index cannot belong to
    /// the same export. So the later one begins another export with the same id. Pages of both may be
    /// mixed, and [`Export::check`] fails for both if they have several.
    #[must_use]
    pub fn merge(pages: impl IntoIterator<Item = Page>) -> Vec<Self> {
        let pages: Vec<Page> = pages.into_iter().collect();
        let mut seen = BTreeSet::new();
        let is_new: Vec<bool> = pages.iter().map(|page| seen.insert(page.content())).collect();
        let mut exports: Vec<Self> = Vec::new();
        // The exports of each id, and for each id and index the number of exports with such a page.
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
        // Pages of several exports of one id may be mixed, so none of these can be trusted.
        for of_id in by_id.values() {
            let repeated = of_id.iter().find_map(|number| exports.get(*number)?.repeated);
            for number in of_id {
                if let Some(export) = exports.get_mut(*number).filter(|it| it.pages.len() > 1) {
                    export.repeated = export.repeated.or(repeated);
                }
            }
        }
        for export in &mut exports {
            export.pages.sort_unstable_by_key(|page| page.batch().index);
        }
        exports
    }

    /// Returns the batch id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.pages.first().map_or(0, |page| page.batch().id)
    }

    /// Returns the number of pages that the export should have: the largest that a page claims.
    #[must_use]
    pub fn size(&self) -> i32 {
        self.pages.iter().map(|page| page.batch().size).max().unwrap_or_default()
    }

    /// Returns the pages, ordered by index.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Returns the accounts of all pages, in order.
    ///
    /// # Errors
    ///
    /// For each account, those of [`Page::accounts`].
    pub fn accounts(&self) -> impl Iterator<Item = Result<ParsedUri, Error>> {
        self.pages.iter().flat_map(Page::accounts)
    }

    /// Returns the indices of the missing pages, counted from 0, as ranges: a page may claim that two
    /// billion pages exist.
    pub fn missing(&self) -> impl Iterator<Item = RangeInclusive<i32>> {
        let mut next = 0_i32;
        let size = self.size();
        let there = self.pages.iter().map(|page| page.batch().index);
        // The size counts as the index of a page, so that a gap at the end is found, too.
        there.filter(move |index| (0..size).contains(index)).chain([size]).filter_map(
            move |index| {
                let gap = next..=index.checked_sub(1)?;
                next = index.saturating_add(1);
                (!gap.is_empty()).then_some(gap)
            },
        )
    }

    /// Returns whether no page is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Checks that the export is complete and has no repeated index.
    ///
    /// # Errors
    ///
    /// - [`ExportError::Missing`] if pages are missing.
    /// - [`ExportError::Repeated`] if another export of the same [`merge`](Export::merge) has the same id,
    ///   and another page with one index.
    ///
    /// ```
    /// use otp_uri::migration::{Export, ExportError, Page};
    ///
    /// // The first of two pages.
    /// let page = Page::parse("otpauth-migration://offline?data=EAEYAiAA")?;
    /// let export = &Export::merge([page])[0];
    /// let Err(ExportError::Missing(pages)) = export.check() else {
    ///     panic!("page 2 is missing")
    /// };
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
