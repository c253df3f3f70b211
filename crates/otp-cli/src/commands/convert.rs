use std::path::PathBuf;

use clap::{Args, ValueEnum};
use otp_context::{
    Binding, Credential, OtpContext, PasslibWallet, Record, Secrets, SecretsFileError,
};
use otp_serde::passlib;
use otp_uri::migration::{self, Account};
use otp_uri::{ErrorKind, KeyUri, Reading};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::batches::Batches;
use crate::cli::Answer;
use crate::failure::{Failure, Kind};
use crate::lines::Lines;
use crate::output::Output;
use crate::place::Place;
use crate::saying::Saying;

/// Turn URIs, exports and records on stdin into another form, which shows the keys
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// The form to write
    #[arg(long, value_enum)]
    to: Form,
    /// Application secrets, a line "tag: secret" each, that open and encrypt passlib's keys
    #[arg(long, value_name = "FILE")]
    wallet: Option<PathBuf>,
    /// Read the lines from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// otpauth URIs, one a line
    Uri,
    /// Google Authenticator's export, in as many pages as it takes
    Migration,
    /// The records of Python's passlib, one a line
    Passlib,
}

/// A converted line as `--json` shows it.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
}

/// A credential, by what it came as.
enum Read {
    Uri(Box<Reading>),
    Record(Box<Record>),
}

impl Convert {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let context = self.context()?;
        let mut lines = Lines::open(self.from.as_deref(), "URI or record (not shown): ")?;
        let mut batches = Batches::default();
        let mut accounts = Vec::new();
        let mut answer = Answer::Yes;
        while output.is_open()
            && let Some(line) = lines.next()?
        {
            let place = Place::line(line.number);
            let mut convert = |place: Place, read, output: &mut Output| {
                let read: Result<Read, Failure> = read;
                let done = read.and_then(|read| match self.to {
                    Form::Uri => write_uri(place, read, &context, output),
                    Form::Migration => {
                        let uri = read.uri(&context)?;
                        accounts.push(Account::new(&uri)?);
                        Ok(Answer::Yes)
                    }
                    Form::Passlib => self.write_record(place, read, &context, output),
                });
                done.or_else(|failure| place.refuse(failure, output))
            };
            answer = answer.and(match line.text.and_then(|text| Saying::read(text, false)) {
                Ok(Saying::Uri(reading)) => convert(place, Ok(Read::Uri(reading)), output)?,
                Ok(Saying::Record(record, _)) => convert(place, Ok(Read::Record(record)), output)?,
                Ok(Saying::Export(page)) => {
                    batches.add(&page);
                    let mut all = Answer::Yes;
                    for (entry, account) in (1..).zip(page.accounts()) {
                        let read = account.map(|it| Read::Uri(Box::new(it))).map_err(Into::into);
                        all = all.and(convert(place.entry(entry), read, output)?);
                    }
                    all
                }
                Err(failure) => place.refuse(failure, output)?,
            });
        }
        if !accounts.is_empty() {
            let mut id = [0; 4];
            otp_context::fill(&mut id)?;
            for page in migration::write(&accounts, i32::from_be_bytes(id)) {
                show_uri(None, &Zeroizing::new(page.to_string()), output)?;
            }
        }
        batches.show(output)?;
        Ok(answer)
    }

    fn context(&self) -> Result<OtpContext, Failure> {
        let context = OtpContext::new();
        let Some(path) = &self.wallet else { return Ok(context) };
        let refused = |error: &dyn ToString| {
            Failure::new(Kind::Invalid, "wallet", format!("wallet: {}", error.to_string()))
        };
        let secrets = Secrets::from_file(path).map_err(|error| match error {
            SecretsFileError::Io(kind) => Failure::io("wallet", &kind.into()),
            error => refused(&error),
        })?;
        let wallet = PasslibWallet::new(secrets).map_err(|error| refused(&error))?;
        Ok(context.with_passlib_wallet(wallet))
    }

    /// With a wallet the key is encrypted, without one it is shown.
    fn write_record(
        &self,
        place: Place,
        read: Read,
        context: &OtpContext,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let credential = read.credential(context)?;
        let encrypt = self.wallet.is_some();
        let record =
            if encrypt { credential.seal_for_passlib() } else { credential.to_plain_record() }?;
        let json = if encrypt { passlib::to_json(&record) } else { passlib::reveal_json(&record) };
        let json = json.map_err(|error| {
            Failure::new(Kind::Uri(ErrorKind::Unsupported), "record", error.to_string())
        })?;
        let text = Zeroizing::new(json.to_string());
        if output.is_json() {
            output.object(&Written { place: Some(place), uri: None, record: Some(&text) })?;
        } else {
            output.text(&text)?;
        }
        Ok(Answer::Yes)
    }
}

impl Read {
    fn uri(self, context: &OtpContext) -> Result<KeyUri, Failure> {
        match self {
            Self::Uri(reading) => Ok(reading.uri),
            Self::Record(_) => Ok(self.credential(context)?.key_uri()?),
        }
    }

    fn credential(self, context: &OtpContext) -> Result<Credential, Failure> {
        match self {
            Self::Uri(reading) => {
                let (label, secret, kind) = reading.uri.into_parts();
                let credential = context.import(kind, secret)?.with_account(label.account());
                Ok(credential.with_issuer(label.issuer().unwrap_or_default()))
            }
            // Passlib's keys are bound to nobody.
            Self::Record(record) => Ok(context.open(&record, Binding::new("", ""))?),
        }
    }
}

fn write_uri(
    place: Place,
    read: Read,
    context: &OtpContext,
    output: &mut Output,
) -> Result<Answer, Failure> {
    show_uri(Some(place), &Zeroizing::new(read.uri(context)?.to_string()), output)?;
    Ok(Answer::Yes)
}

fn show_uri(place: Option<Place>, uri: &str, output: &mut Output) -> Result<(), Failure> {
    if output.is_json() {
        output.object(&Written { place, uri: Some(uri), record: None })
    } else {
        output.text(uri)
    }
}
