use otp_uri::migration::{Export, ExportError, MissingPages, Page};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// The most missing pages that are named: a page may claim that two billion exist.
const NAMED: usize = 100;

/// The pages of exports that were read.
#[derive(Debug, Default)]
pub(crate) struct Batches(Vec<Page>);

/// An export that lacks pages, as `--json` shows it.
#[derive(Serialize)]
struct Incomplete {
    batch_id: i32,
    batch_size: i32,
    /// The first indices that are missing, counted from 0.
    missing: Vec<i32>,
    /// The number of pages that are missing.
    missing_count: u64,
}

impl Batches {
    pub(crate) fn add(&mut self, page: Page) {
        self.0.push(page);
    }

    /// Names the pages that are missing, and returns [`Answer::Yes`] if none is. If the reader of
    /// stdout is gone, lines were left unread, so nothing can be said.
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
            // Programs that set no id give all their exports the same id.
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
