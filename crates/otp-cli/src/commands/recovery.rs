use clap::{Args, Subcommand, ValueHint};
use otp_store::{AccountId, Error, RecoveryCodeSize, RecoveryCodes};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::accounts::database::{Database, Sealed};
use crate::failure::{Failure, FailureKind};
use crate::input::{line, time};
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::verdict;

/// Manage recovery codes, for users who lost every authenticator
#[derive(Args, Debug)]
pub(crate) struct Recovery {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    New(New),
    Use(Use),
    Left(Left),
    Remove(Remove),
}

/// Make ten recovery codes in place of the old ones, and print them once
#[derive(Args, Debug)]
struct New {
    /// Account name
    #[arg(value_hint = ValueHint::Other)]
    account: String,
    /// Name of the service, for the printed list
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Make codes of 24 symbols (120 bits) instead of 16 (80 bits)
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    sealed: Sealed,
}

/// Spend a recovery code, which is read from stdin or typed without an echo
#[derive(Args, Debug)]
struct Use {
    /// Account name
    #[arg(value_hint = ValueHint::Other)]
    account: String,
    #[command(flatten)]
    sealed: Sealed,
}

/// Show how many recovery codes an account has left
#[derive(Args, Debug)]
struct Left {
    /// Account name
    #[arg(value_hint = ValueHint::Other)]
    account: String,
    #[command(flatten)]
    database: Database,
}

/// Remove the recovery codes of an account
#[derive(Args, Debug)]
struct Remove {
    /// Account name
    #[arg(value_hint = ValueHint::Other)]
    account: String,
    #[command(flatten)]
    database: Database,
}

/// New codes, as `--json` shows them.
#[derive(Serialize)]
struct Made<'a> {
    outcome: &'static str,
    account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    date: String,
    codes: Vec<&'a str>,
}

#[derive(Serialize)]
struct Shown<'a> {
    outcome: &'static str,
    account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u32>,
}

impl Recovery {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        match &self.action {
            Action::New(new) => new.run(output),
            Action::Use(recovery) => recovery.run(output),
            Action::Left(left) => left.run(output),
            Action::Remove(remove) => remove.run(output),
        }
    }
}

impl New {
    fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let account = AccountId::new(self.account.as_str())?;
        let size = if self.long { RecoveryCodeSize::Long } else { RecoveryCodeSize::Standard };
        let verifier = self.sealed.open_for_codes(size)?;
        // Otherwise a misspelt name would get codes, or another wallet would seal their key.
        let mut opened = Err(Error::Unknown);
        for (id, _) in verifier.credentials(&account)? {
            opened = verifier.check_key(&id);
            if opened.is_ok() {
                break;
            }
        }
        opened?;
        let date = time::today()?;
        let codes = verifier.replace_recovery_codes(&account)?;
        let shown = self.show(&date, &codes, output);
        if shown.is_err() || !output.is_open() {
            let message = "output ended before the new codes were written, and the old ones no longer \
                           work; run otp recovery new again";
            return Err(Failure::new(FailureKind::Io, "output", message));
        }
        output.note("The codes cannot be shown again. The old ones no longer work.");
        Ok(Answer::Yes)
    }

    fn show(&self, date: &str, codes: &RecoveryCodes, output: &mut Output) -> Result<(), Failure> {
        let texts: Vec<_> = codes.iter().map(otp_store::RecoveryCode::reveal).collect();
        if output.is_json() {
            return output.object(&Made {
                outcome: "made",
                account: &self.account,
                issuer: self.issuer.as_deref(),
                date: date.to_owned(),
                codes: texts.iter().map(|text| text.as_str()).collect(),
            });
        }
        let of = self.issuer.as_ref().map(|issuer| format!(" of {issuer:?}")).unwrap_or_default();
        // Room for all of it: a text that grows would leave copies of the codes behind.
        let mut list = Zeroizing::new(String::with_capacity(4096));
        list.push_str(&format!("Recovery codes{of} for {:?}, {date}\n", self.account));
        list.push_str("Each code works once, in place of a code of the authenticator.\n\n");
        for (number, text) in (1..).zip(&texts) {
            list.push_str(&format!("{number:>4}  {}\n", text.as_str()));
        }
        output.text(&list)
    }
}

impl Use {
    fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let account = AccountId::new(self.account.as_str())?;
        let verifier = self.sealed.open()?;
        let typed = line::read("code", "Recovery code (not shown): ")?;
        let verdict = verifier.recover(&account, &typed)?;
        verdict::show_recovery(output, &verdict, time::now()?)
    }
}

impl Left {
    fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let account = AccountId::new(self.account.as_str())?;
        let left = self.database.without_keys()?.recovery_codes_left(&account)?;
        if output.is_json() {
            let outcome = if left.is_some() { "found" } else { "none" };
            output.object(&Shown { outcome, account: &self.account, left })?;
        } else {
            let text = left.map_or("no recovery codes".to_owned(), verdict::left_text);
            output.text(&text)?;
        }
        Ok(if left.is_some() { Answer::Yes } else { Answer::No })
    }
}

impl Remove {
    fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let account = AccountId::new(self.account.as_str())?;
        let removed = self.database.without_keys()?.remove_recovery_codes(&account);
        removed.map_err(|error| match error {
            Error::Unknown => {
                let message = "account has no recovery codes";
                Failure::new(FailureKind::NotFound, "account", message)
            }
            error => error.into(),
        })?;
        if output.is_json() {
            output.object(&Shown { outcome: "removed", account: &self.account, left: None })?;
        } else {
            output.text("removed")?;
        }
        Ok(Answer::Yes)
    }
}
