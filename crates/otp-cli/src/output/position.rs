use std::fmt;

use otp_uri::migration::Page;
use serde::Serialize;

use crate::failure::{self, Failure};
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// A position in the input: a line, and in an export one of its accounts.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Position {
    line: u64,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<u64>,
    #[serde(flatten)]
    page: Option<PageFields>,
}

/// The fields of a page of an export.
#[derive(Clone, Copy, Debug, Serialize)]
struct PageFields {
    version: i32,
    batch_id: i32,
    batch_index: i32,
    batch_size: i32,
}

/// A refused line or account, as `--json` shows it.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    position: Position,
    #[serde(flatten)]
    failure: failure::Fields<'a>,
}

impl Position {
    /// Returns the position of a line, counted from 1.
    pub(crate) const fn line(line: u64) -> Self {
        Self { line, entry: None, page: None }
    }

    /// Returns the position of a page of an export on this line.
    pub(crate) fn page(self, page: &Page) -> Self {
        let batch = page.batch();
        let page = PageFields {
            version: page.version(),
            batch_id: batch.id,
            batch_index: batch.index,
            batch_size: batch.size,
        };
        Self { page: Some(page), ..self }
    }

    /// Returns the position of an account on the page, counted from 1.
    pub(crate) const fn entry(self, entry: u64) -> Self {
        Self { entry: Some(entry), ..self }
    }

    /// Shows why this line or account is refused. If the system failed, returns the failure, because
    /// the next lines would fail, too.
    pub(crate) fn refuse(self, failure: Failure, output: &mut Output) -> Result<Answer, Failure> {
        if failure.is_of_the_system() {
            return Err(failure);
        }
        if output.is_json() {
            output.object(&Refused { position: self, failure: failure.fields() })?;
        } else {
            complain(&format!("otp: {self}: {failure}"));
        }
        Ok(Answer::No)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        self.entry.map_or(Ok(()), |entry| write!(f, ", account {entry}"))
    }
}
