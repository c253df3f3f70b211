use std::ops::RangeInclusive;

use otp_uri::migration::{Export, Page};
use serde::Serialize;

use crate::cli::Answer;
use crate::failure::Failure;
use crate::output::{Output, complain};

/// As many missing pages are named: a page may claim that there are two billion.
const NAMED: usize = 100;

/// The pages of exports that have come.
#[derive(Debug, Default)]
pub(crate) struct Batches(Vec<Page>);

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
    pub(crate) fn add(&mut self, page: Page) {
        self.0.push(page);
    }

    /// Says what is missing, and answers whether nothing is. Who reads no answers leaves lines
    /// unread, which may be pages.
    pub(crate) fn show(self, output: &mut Output) -> Result<Answer, Failure> {
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

    fn incomplete(self) -> impl Iterator<Item = Incomplete> {
        Export::merge(self.0).into_iter().filter(|export| !export.is_complete()).map(|export| {
            let counts = export.missing().map(|gap| length(&gap));
            Incomplete {
                batch_id: export.id(),
                batch_size: export.size(),
                missing: export.missing().flatten().take(NAMED).collect(),
                missing_count: counts.sum(),
            }
        })
    }
}

fn length(gap: &RangeInclusive<i32>) -> u64 {
    u64::from(gap.end().abs_diff(*gap.start())).saturating_add(1)
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
#[allow(clippy::arithmetic_side_effects, reason = "a test that fails panics")]
mod tests {
    use super::*;

    /// What is incomplete of pages with these ids, indices and sizes, each with another account.
    fn incomplete(pages: &[(i32, i32, i32)]) -> Vec<Incomplete> {
        let mut batches = Batches::default();
        for (number, (id, index, size)) in (0_u8..).zip(pages) {
            let mut payload = vec![0x0a, 3, 0x0a, 1, number];
            for (tag, value) in [(0x18, size), (0x20, index), (0x28, id)] {
                payload.push(tag);
                payload.extend(varint(*value));
            }
            let data = base64(&payload);
            let page = Page::parse(&format!("otpauth-migration://offline?data={data}")).unwrap();
            batches.add(page);
        }
        batches.incomplete().collect()
    }

    fn varint(value: i32) -> Vec<u8> {
        let mut rest = i64::from(value).cast_unsigned();
        let mut bytes = Vec::new();
        while rest > 0x7f {
            bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        bytes.push(u8::try_from(rest).unwrap());
        bytes
    }

    /// Of the alphabet for URLs, without padding.
    fn base64(bytes: &[u8]) -> String {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1));
        let bits: Vec<u8> = bits.collect();
        let digit =
            |bits: &[u8]| (0..6).fold(0, |all, bit| (all << 1) | bits.get(bit).unwrap_or(&0));
        bits.chunks(6).map(|bits| char::from(digits[usize::from(digit(bits))])).collect()
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
        // Two pages for one place are of two exports, and the third belongs to the first.
        assert_eq!(incomplete(&[(0, 0, 2), (0, 0, 2), (0, 1, 2)]), [expected(0, 2, &[1])]);
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
