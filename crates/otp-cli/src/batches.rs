use std::collections::{BTreeMap, BTreeSet};

use otp_uri::migration::Page;
use serde::Serialize;

use crate::cli::Answer;
use crate::failure::Failure;
use crate::output::{Output, complain};

/// As many missing pages are named: a page may claim that there are two billion.
const NAMED: usize = 100;

/// Which pages of which exports have come.
#[derive(Debug, Default)]
pub(crate) struct Batches(BTreeMap<i32, Batch>);

#[derive(Debug, Default)]
struct Batch {
    size: i32,
    indices: BTreeSet<i32>,
}

/// An export that lacks pages, as `--json` shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Incomplete {
    batch_id: i32,
    batch_size: i32,
    /// The first of the indices that have not come, counted from 0.
    missing: Vec<i32>,
    /// How many have not come.
    missing_count: u64,
}

impl Batches {
    pub(crate) fn add(&mut self, page: &Page) {
        let batch = page.batch();
        let known = self.0.entry(batch.id).or_default();
        known.size = known.size.max(batch.size);
        known.indices.insert(batch.index);
    }

    /// Says what is missing, and answers whether nothing is. Who reads no answers leaves lines
    /// unread, which may be pages.
    pub(crate) fn show(&self, output: &mut Output) -> Result<Answer, Failure> {
        let mut answer = Answer::Yes;
        if !output.is_open() {
            return Ok(answer);
        }
        for incomplete in self.incomplete() {
            if output.is_json() {
                output.object(&incomplete)?;
            } else {
                complain(&format!("otp: {}", incomplete.text()));
            }
            answer = Answer::No;
        }
        Ok(answer)
    }

    fn incomplete(&self) -> impl Iterator<Item = Incomplete> {
        self.0.iter().filter_map(|(id, Batch { size, indices })| {
            let there = indices.range(0..(*size).max(0)).count();
            let size_or_none = u64::try_from(*size).unwrap_or_default();
            let count = size_or_none.saturating_sub(u64::try_from(there).unwrap_or(u64::MAX));
            let missing = (0..*size).filter(|index| !indices.contains(index)).take(NAMED);
            (count > 0).then(|| Incomplete {
                batch_id: *id,
                batch_size: *size,
                missing: missing.collect(),
                missing_count: count,
            })
        })
    }
}

impl Incomplete {
    /// The same for people.
    fn text(&self) -> String {
        let Self { batch_id, batch_size, missing, missing_count } = self;
        let named: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let more = if *missing_count > NAMED as u64 { " and so on" } else { "" };
        format!(
            "export {batch_id}: {missing_count} of {batch_size} pages missing, with index {}{more}",
            named.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incomplete(pages: &[(i32, i32, i32)]) -> Vec<Incomplete> {
        let mut batches = Batches::default();
        for (id, index, size) in pages {
            let batch = batches.0.entry(*id).or_default();
            batch.size = batch.size.max(*size);
            batch.indices.insert(*index);
        }
        batches.incomplete().collect()
    }

    #[test]
    fn missing_pages_are_named() {
        assert_eq!(incomplete(&[]), []);
        assert_eq!(incomplete(&[(7, 1, 2), (7, 0, 2), (0, 0, 0), (1, 0, 1), (2, 5, -1)]), []);
        let expected = |batch_id, batch_size, missing: &[i32]| Incomplete {
            batch_id,
            batch_size,
            missing: missing.to_vec(),
            missing_count: missing.len() as u64,
        };
        assert_eq!(
            incomplete(&[(-7, 1, 3), (9, 5, 2), (9, -1, 1)]),
            [expected(-7, 3, &[0, 2]), expected(9, 2, &[0, 1])]
        );
    }

    #[test]
    fn claims_are_not_counted_out() {
        let all = incomplete(&[(7, 1, i32::MAX), (7, i32::MAX, 1)]);
        let [incomplete] = &all[..] else { panic!("{all:?}") };
        assert_eq!(incomplete.missing.len(), NAMED);
        assert_eq!(incomplete.missing_count, (i32::MAX - 1) as u64);
        assert!(incomplete.text().ends_with(" and so on"));
    }
}
