use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use otp_context::{OtpContext, PasslibWallet, StoredKey};
use otp_serde::passlib::{self, Unwritable};
use otp_uri::ErrorKind;
use otp_uri::migration::{self, Account};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::batches::Batches;
use crate::cli::Answer;
use crate::failure::{Failure, Kind};
use crate::given::Given;
use crate::lines::Lines;
use crate::number::Bound;
use crate::output::Output;
use crate::place::Place;
use crate::saying::Saying;
use crate::wallet_file;

/// Turn URIs, exports and records on stdin into another form, which shows the keys
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// uri, migration (Google Authenticator's export) or passlib (records of Python's passlib)
    #[arg(long, value_name = "FORM", value_parser = Form::from_str)]
    to: Form,
    /// Application secrets, a line "tag: secret" each, that open and encrypt passlib's keys
    #[arg(long, value_name = "FILE")]
    wallet: Option<PathBuf>,
    /// Read the lines from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The forms that are written, as `--to` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// otpauth URIs, one a line.
    Uri,
    /// Google Authenticator's export, in as many pages as it takes.
    Migration,
    /// The records of Python's passlib, one a line.
    Passlib,
}

impl FromStr for Form {
    type Err = Bound;

    fn from_str(text: &str) -> Result<Self, Bound> {
        match text.to_ascii_lowercase().as_str() {
            "uri" => Ok(Self::Uri),
            "migration" => Ok(Self::Migration),
            "passlib" => Ok(Self::Passlib),
            _ => Err(Bound("must be uri, migration or passlib")),
        }
    }
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

/// What is said after the last line.
#[derive(Default)]
struct Found {
    batches: Batches,
    /// The accounts of an export that is to be written.
    accounts: Vec<Account>,
    /// Whether there was a key of passlib's to open.
    decrypted: bool,
}

impl Convert {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let context = self.context()?;
        let mut lines = Lines::open(self.from.as_deref())?;
        let mut found = Found::default();
        let answer = self.each(&mut lines, &context, &mut found, output);
        // Whatever ended the reading, nothing is lost that was read before.
        let complete = found.write(output)?;
        if found.decrypted && self.wallet.is_some() {
            output.note(
                "otp: nothing tells whether the wallet was the right one: passlib's encryption has \
                 no checksum. Try a code.",
            );
        }
        Ok(answer?.and(complete))
    }

    /// Converts line by line; what belongs on pages is gathered.
    fn each(
        &self,
        lines: &mut Lines,
        context: &OtpContext,
        found: &mut Found,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let mut answer = Answer::Yes;
        while output.is_open()
            && let Some(line) = lines.next()?
        {
            let place = Place::line(line.number);
            let mut convert = |place: Place, read: Result<Given, Failure>, output: &mut Output| {
                let done = read.and_then(|read| match self.to {
                    Form::Uri => write_uri(place, read, context, output),
                    Form::Migration => {
                        found.accounts.push(Account::new(&read.uri(context)?)?);
                        Ok(Answer::Yes)
                    }
                    Form::Passlib => self.write_record(place, read, context, output),
                });
                done.or_else(|failure| place.refuse(failure, output))
            };
            answer = answer.and(match line.text.and_then(|text| Saying::read(text, false)) {
                Ok(Saying::Uri(reading)) => convert(place, Ok(Given::Uri(reading)), output)?,
                Ok(Saying::Record(record, _)) => {
                    found.decrypted |= matches!(record.key(), StoredKey::Passlib(_));
                    convert(place, Ok(Given::Record(record)), output)?
                }
                Ok(Saying::Export(page)) => {
                    found.batches.add(&page);
                    let mut all = Answer::Yes;
                    for (entry, account) in (1..).zip(page.accounts()) {
                        let read = account.map(|it| Given::Uri(Box::new(it))).map_err(Into::into);
                        all = all.and(convert(place.entry(entry), read, output)?);
                    }
                    all
                }
                Err(failure) => place.refuse(failure, output)?,
            });
        }
        Ok(answer)
    }

    fn context(&self) -> Result<OtpContext, Failure> {
        let context = OtpContext::new();
        let Some(path) = &self.wallet else { return Ok(context) };
        let wallet = PasslibWallet::new(wallet_file::read(path)?)
            .map_err(|error| Failure::new(Kind::Wallet, "wallet", format!("wallet: {error}")))?;
        Ok(context.with_passlib_wallet(wallet))
    }

    /// With a wallet the key is encrypted, without one it is shown.
    fn write_record(
        &self,
        place: Place,
        read: Given,
        context: &OtpContext,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let credential = read.credential(context)?;
        let encrypt = self.wallet.is_some();
        let record =
            if encrypt { credential.seal_for_passlib() } else { credential.to_plain_record() }?;
        let json = if encrypt { passlib::to_json(&record) } else { passlib::reveal_json(&record) };
        let json = json.map_err(unwritable)?;
        let text = Zeroizing::new(json.to_string());
        if output.is_json() {
            output.object(&Written { place: Some(place), uri: None, record: Some(&text) })?;
        } else {
            output.text(&text)?;
        }
        Ok(Answer::Yes)
    }
}

impl Found {
    fn write(&self, output: &mut Output) -> Result<Answer, Failure> {
        if !self.accounts.is_empty() {
            let mut id = [0; 4];
            otp_context::fill(&mut id)?;
            for page in migration::write(&self.accounts, i32::from_be_bytes(id)) {
                show_uri(None, &Zeroizing::new(page.to_string()), output)?;
            }
        }
        self.batches.show(output)
    }
}

/// Says which part passlib has no form for.
fn unwritable(error: Unwritable) -> Failure {
    let part = match error {
        Unwritable::Type => "type",
        Unwritable::Colon => "label",
        _ => "key",
    };
    Failure::new(Kind::Uri(ErrorKind::Inexpressible), part, error.to_string())
}

fn write_uri(
    place: Place,
    read: Given,
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
