mod pages;

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use otp_context::wallet::passlib::PasslibWallet;
use otp_context::{Credential, OtpContext, StoredKey};
use otp_serde::passlib::{self, Unwritable};
use otp_serde::{Imported, Input};
use otp_uri::ErrorKind;
use otp_uri::migration::Account;
use serde::Serialize;
use zeroize::Zeroizing;

use self::pages::PagePictures;
use crate::accounts::imported;
use crate::accounts::names::Names;
use crate::accounts::passlib_secrets;
use crate::failure::{Failure, FailureKind};
use crate::input::batches::Batches;
use crate::input::lines::Lines;
use crate::input::number::Bound;
use crate::input::parse;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::position::Position;
use crate::output::remarks;

/// Convert URIs, exports and records to another form, keys included
#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// Form: uri, migration (Google Authenticator's export) or passlib (records of Python's passlib)
    #[arg(long, value_name = "FORM", value_parser = Form::from_str)]
    to: Form,
    #[command(flatten)]
    names: Names,
    /// Application secrets that open and encrypt keys of passlib: lines of "tag: secret", or JSON
    #[arg(long, value_name = "FILE")]
    wallet: Option<PathBuf>,
    #[command(flatten)]
    pictures: PagePictures,
    /// Read the lines from a file instead of stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The forms that can be written, as `--to` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// otpauth URIs, one a line.
    Uri,
    /// Google Authenticator's export, in as many pages as it takes.
    Migration,
    /// The records of Python's passlib, one a line.
    Passlib,
}

impl Form {
    /// Returns the option that asks for the form.
    const fn option(self) -> &'static str {
        match self {
            Self::Uri => "--to uri",
            Self::Migration => "--to migration",
            Self::Passlib => "--to passlib",
        }
    }
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
#[derive(Default, Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<&'static str>,
}

impl Written<'_> {
    fn of(position: Position) -> Self {
        Self { position: Some(position), ..Self::default() }
    }
}

/// The data that is needed after the last line.
#[derive(Default)]
struct Found {
    batches: Batches,
    /// The accounts of the export to write.
    accounts: Vec<Account>,
    /// Whether a key of passlib was opened.
    decrypted: bool,
}

impl Convert {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        self.names.check()?;
        if self.to != Form::Migration {
            self.pictures.refuse(self.to.option())?;
        }
        let context = self.context()?;
        let mut lines = Lines::open(self.from.as_deref())?;
        let mut found = Found::default();
        let answer = self.each(&mut lines, &context, &mut found, output);
        // Even if reading failed, the accounts that were read are written.
        let written = self.pictures.write(&found.accounts, output);
        let complete = found.batches.show(output)?;
        if found.decrypted && self.wallet.is_some() {
            output.note(
                "otp: the wallet may be the wrong one: passlib's encryption has no checksum. Check \
                 a code of each account.",
            );
        }
        written?;
        Ok(answer?.and(complete))
    }

    /// Converts line by line, and gathers the accounts for pages.
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
            let position = Position::line(line.number);
            let input = line.text.and_then(|text| parse::any(text, false));
            answer = answer.and(match input {
                Ok(Input::Page(page)) => {
                    let mut all = Answer::Yes;
                    for (entry, account) in (1..).zip(page.accounts()) {
                        let read = account.map(Imported::from).map_err(Into::into);
                        all = all.and(self.one(
                            position.entry(entry),
                            read,
                            context,
                            found,
                            output,
                        )?);
                    }
                    let findings = remarks::codes(page.findings());
                    tell(position, remarks::of_form(page.findings(), None), findings, output)?;
                    found.batches.add(page);
                    all
                }
                Ok(Input::Uri(parsed)) => {
                    self.one(position, Ok((*parsed).into()), context, found, output)?
                }
                Ok(Input::Record(record) | Input::PasslibRecord(record)) => {
                    self.one(position, Ok((*record).into()), context, found, output)?
                }
                Err(failure) => position.refuse(failure, output)?,
            });
        }
        Ok(answer)
    }

    /// Converts a credential, or shows why it is refused.
    fn one(
        &self,
        position: Position,
        read: Result<Imported, Failure>,
        context: &OtpContext,
        found: &mut Found,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let done = read.and_then(|account| {
            found.decrypted |= matches!(account.record.key(), StoredKey::Passlib(_));
            let remarks = imported::remarks(&account, self.to == Form::Passlib);
            let findings = remarks::codes(&account.findings);
            let credential = self.names.credential(imported::credential(&account, context)?);
            match self.to {
                Form::Uri => {
                    let uri = Zeroizing::new(credential.key_uri()?.to_string());
                    let fields = Written { uri: Some(&uri), findings, ..Written::of(position) };
                    show(&uri, &fields, output)?;
                }
                Form::Migration => {
                    found.accounts.push(Account::new(&credential.key_uri()?)?);
                    return tell(position, remarks, findings, output).map(|()| Answer::Yes);
                }
                Form::Passlib => {
                    let record = self.record(&credential)?;
                    let fields =
                        Written { record: Some(&record), findings, ..Written::of(position) };
                    show(&record, &fields, output)?;
                }
            }
            say(position, remarks, output);
            Ok(Answer::Yes)
        });
        done.or_else(|failure| position.refuse(failure, output))
    }

    fn context(&self) -> Result<OtpContext, Failure> {
        let context = OtpContext::new();
        let Some(path) = &self.wallet else { return Ok(context) };
        let wallet = PasslibWallet::new(passlib_secrets::read(path)?).map_err(|error| {
            Failure::new(FailureKind::Wallet, "wallet", format!("wallet: {error}"))
        })?;
        Ok(context.with_passlib_wallet(wallet))
    }

    /// Returns a record of passlib: with a wallet its key is encrypted, without one in plain text.
    fn record(&self, credential: &Credential) -> Result<Zeroizing<String>, Failure> {
        let encrypt = self.wallet.is_some();
        let record =
            if encrypt { credential.seal_for_passlib() } else { credential.to_plain_record() }?;
        let json = if encrypt { passlib::to_json(&record) } else { passlib::reveal_json(&record) };
        Ok(Zeroizing::new(json.map_err(unwritable)?.to_string()))
    }
}

/// Returns the failure for a part that passlib cannot express.
fn unwritable(error: Unwritable) -> Failure {
    let part = match error {
        Unwritable::Type => "type",
        Unwritable::Colon => "label",
        _ => "key",
    };
    Failure::new(FailureKind::Uri(ErrorKind::Inexpressible), part, error.to_string())
}

/// Shows a converted line.
fn show(text: &str, fields: &Written<'_>, output: &mut Output) -> Result<(), Failure> {
    if output.is_json() { output.object(fields) } else { output.text(text) }
}

/// Shows findings and remarks about an account that has no line of its own in the output.
fn tell(
    position: Position,
    remarks: impl IntoIterator<Item = String>,
    findings: Vec<&'static str>,
    output: &mut Output,
) -> Result<(), Failure> {
    if output.is_json() && !findings.is_empty() {
        output.object(&Written { findings, ..Written::of(position) })?;
    }
    say(position, remarks, output);
    Ok(())
}

fn say(position: Position, remarks: impl IntoIterator<Item = String>, output: &Output) {
    for remark in remarks {
        output.note(&format!("otp: {position}: {remark}"));
    }
}
