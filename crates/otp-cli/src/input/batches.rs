use otp_uri::migration::{Export, ExportError, MissingPages, Page};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// As many missing pages are named: a page may claim that there are two billion.
const NAMED: usize = 100;

/// The pages of exports that have come.
#[derive(Debug, Default)]
pub(crate) struct Batches(Vec<Page>);

/// An export that lacks pages, as `--json` shows it.
#[derive(Serialize)]
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
        for pages in self.incomplete() {
            if output.is_json() {
                output.object(&Incomplete::from(&pages))?;
            } else {
                complain(&format!("otp: {pages}"));
            }
            answer = Answer::No;
        }
        Ok(answer)
    }

    fn incomplete(self) -> impl Iterator<Item = MissingPages> {
        Export::merge(self.0).into_iter().filter_map(|export| match export.check() {
            Err(ExportError::Missing(pages)) => Some(pages),
            // Exports of programs that give none an id have one id.
            _ => None,
        })
    }
}

impl From<&MissingPages> for Incomplete {
    fn from(pages: &MissingPages) -> Self {
        Self {
            batch_id: pages.id(),
            batch_size: pages.size(),
            missing: pages.indices().take(NAMED).collect(),
            missing_count: pages.count(),
        }
    }
}
