use std::path::PathBuf;

use clap::Args;
use otp_uri::ParsedUri;
use serde::Serialize;

use crate::failure::Failure;
use crate::input::found::{Besides, Found};
use crate::input::parse;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::picture::{self, PictureFiles};
use crate::output::remarks;

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
    #[serde(flatten)]
    besides: Besides,
}

impl Qr {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let found = Found::read("uri", self.from.as_deref(), "URI (not shown): ", |text, _| {
            parse::uri(text)
        })?;
        if self.files.is_wanted() {
            let (parsed, besides) = found.only(output, "--svg and --png are for one at a time")?;
            return self.one(&parsed, besides, output);
        }
        found.each(output, |parsed, besides, output| self.one(&parsed, besides, output))
    }

    fn one(
        &self,
        parsed: &ParsedUri,
        besides: Besides,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let ParsedUri { uri, findings, .. } = parsed;
        let written = self.files.write(uri)?.names();
        let qr = if written.is_empty() { Some(picture::terminal(uri)?) } else { None };
        for sentence in remarks::of_form(findings, Some(uri.kind())) {
            besides.note(&sentence, output);
        }
        let besides = Besides { findings: remarks::codes(findings), ..besides };
        if output.is_json() {
            let qr = qr.as_ref().map(|qr| self.files.characters(qr));
            let qr = qr.as_ref().map(|qr| qr.as_str());
            output.object(&Shown { qr, written: &written, besides })?;
        } else if let Some(qr) = qr {
            self.files.show(&qr, output)?;
        }
        Ok(Answer::Yes)
    }
}
