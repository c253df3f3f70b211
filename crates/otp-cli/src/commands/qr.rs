use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::Answer;
use crate::failure::Failure;
use crate::output::Output;
use crate::picture::{self, PictureFiles};
use crate::{input, saying};

/// Show the QR code of a URI, or write it to files
#[derive(Args, Debug)]
pub(crate) struct Qr {
    /// Read the URI from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    files: PictureFiles,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<&'a str>,
    written: &'a [&'static str],
}

impl Qr {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let line = input::line("uri", self.from.as_deref(), "URI (not shown): ")?;
        let uri = saying::uri(&line)?.uri;
        let written = self.files.write(&uri)?.names();
        let qr = if written.is_empty() { Some(picture::terminal(&uri)?) } else { None };
        if output.is_json() {
            let qr = qr.as_ref().map(|qr| qr.as_str());
            output.object(&Shown { qr, written: &written })?;
        } else if let Some(qr) = qr {
            output.text(&qr)?;
        }
        Ok(Answer::Yes)
    }
}
