use std::path::PathBuf;

use clap::Args;
use otp_context::{Credential, OtpContext};

use crate::accounts::account::AccountArguments;
use crate::accounts::database::Sealed;
use crate::accounts::imported;
use crate::accounts::new_key::NewKey;
use crate::accounts::weak_key;
use crate::failure::Failure;
use crate::input::found::{Besides, Found};
use crate::input::parse;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::remarks;
use crate::output::verdict;

/// Generate and store a credential, and confirm its first code
///
/// The wallet encrypts its key. With the default database, the first enrolment makes a wallet.
#[derive(Args, Debug)]
pub(crate) struct Enroll {
    #[command(flatten)]
    account: AccountArguments,
    /// Confirm the credential with its first code, which is spent
    #[arg(long, value_name = "CODE", allow_negative_numbers = true)]
    confirm: Option<String>,
    /// Import a credential instead: a URI or a record from a file, or - for stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    key: NewKey,
    #[command(flatten)]
    sealed: Sealed,
}

impl Enroll {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        if let Some(code) = &self.confirm {
            if self.from.is_some() || self.key != NewKey::default() {
                let message = "confirm cannot be used with the options of a new credential";
                return Err(Failure::usage("confirm", message));
            }
            let verdict = self.sealed.open()?.confirm(&id, code)?;
            return verdict::show(output, &verdict, time::now()?);
        }
        let (credential, notes, besides) = self.credential(output)?;
        let verifier = self.sealed.create()?;
        let uri = credential.key_uri()?;
        // The QR code comes first: enrolling may replace a credential that an app has already.
        let drawn = self.key.draw(&uri)?;
        if let Err(error) = verifier.enroll(&id, &credential) {
            drawn.take_back();
            return Err(error.into());
        }
        drawn.show(&uri, Some("pending"), besides, output)?;
        for note in notes {
            output.note(&format!("otp: {note}"));
        }
        output.note(
            "Codes are accepted after otp enroll ACCOUNT --confirm CODE, with the app's first code.",
        );
        Ok(Answer::Yes)
    }

    /// Returns the imported credential and the notes about it, or a new credential. The verifier
    /// encrypts its key, so the context has no wallet.
    fn credential(&self, output: &Output) -> Result<(Credential, Vec<String>, Besides), Failure> {
        let context = OtpContext::new();
        let account = self.account.account();
        let Some(path) = &self.from else {
            let made = self.key.make(account)?.into();
            let credential = imported::credential(&made, &context)?;
            return Ok((credential, Vec::new(), Besides::default()));
        };
        if self.key.says_what() {
            let message = "from cannot be used with the options of a new key";
            return Err(Failure::usage("from", message));
        }
        let path = (path.as_os_str() != "-").then_some(path.as_path());
        let prompt = "URI or record (not shown): ";
        let found = Found::read("credential", path, prompt, |text, _| parse::account(text))?;
        let (given, besides) = found.only(output, "enrol one at a time")?;
        let besides = Besides { findings: remarks::codes(&given.findings), ..besides };
        let mut notes = imported::remarks(&given, true);
        let credential = imported::credential(&given, &context)?;
        notes.extend(weak_key::of(&credential));
        // A URI needs a name for the app to show.
        let credential = match credential.account() {
            Some(_) => credential,
            None => credential.with_account(account),
        };
        Ok((credential, notes, besides))
    }
}
