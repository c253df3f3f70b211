use std::io::{self, BufRead, IsTerminal};

use clap::{Args, ValueHint};
use otp_context::replay::{Lock, Throttle};
use otp_store::{CredentialId, Error};
use serde::Serialize;

use crate::accounts::account::{Name, id};
use crate::accounts::damage;
use crate::accounts::database::{AnyVerifier, Database};
use crate::commands::list::{each, each_recovery};
use crate::failure::Failure;
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// Unlock an account: clear its failures and its lock
#[derive(Args, Debug)]
pub(crate) struct Unlock {
    /// Account name
    #[arg(required_unless_present = "all", conflicts_with = "all", value_hint = ValueHint::Other)]
    account: Option<String>,
    /// Name of the credential, if the account has several
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    name: Option<String>,
    /// Unlock every account that has failures or a lock; asks first
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long, requires = "all")]
    yes: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Unlocked<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    name: Name<'a>,
}

#[derive(Serialize)]
struct AllUnlocked {
    outcome: &'static str,
    accounts: u64,
}

impl Unlock {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let verifier = self.database.without_keys()?;
        let Some(account) = &self.account else { return self.all(&verifier, output) };
        let id = id(account, self.name.as_deref())?;
        verifier.unlock(id.account())?;
        if output.is_json() {
            output.object(&Unlocked { outcome: "unlocked", name: Name::of(&id) })?;
        } else {
            output.text("unlocked")?;
        }
        Ok(Answer::Yes)
    }

    fn all(&self, verifier: &AnyVerifier, output: &mut Output) -> Result<Answer, Failure> {
        let mut answer = Answer::Yes;
        let mut accounts: Vec<CredentialId> = Vec::new();
        each(verifier.store(), |id| {
            // Credentials of one account follow one another.
            if accounts.last().is_some_and(|last| last.account() == id.account()) {
                return Ok(true);
            }
            match verifier.status(id) {
                Ok(status) if is_clear(status.throttle()) => {}
                Ok(_) => accounts.push(id.clone()),
                // The credential was removed meanwhile.
                Err(Error::Unknown) => {}
                Err(error @ Error::Corrupt(_)) => {
                    answer = Answer::No;
                    damage::show(id, &error.into(), output)?;
                }
                Err(error) => return Err(error.into()),
            }
            Ok(true)
        })?;
        // Accounts with recovery codes alone have no credential to find them by.
        each_recovery(verifier.store(), |account| {
            let clear = verifier
                .store()
                .recovery(account)?
                .is_none_or(|entry| is_clear(entry.account.throttle));
            if !clear && !accounts.iter().any(|id| id.account() == account) {
                accounts.push(account.clone().into());
            }
            Ok(true)
        })?;
        let count = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
        if !accounts.is_empty() && !self.yes && !agreed(count)? {
            return Ok(Answer::No);
        }
        for id in &accounts {
            match verifier.unlock(id.account()) {
                Ok(()) | Err(Error::Unknown) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if output.is_json() {
            output.object(&AllUnlocked { outcome: "unlocked", accounts: count })?;
        } else {
            output.text(&format!("unlocked: {count} accounts"))?;
        }
        Ok(answer)
    }
}

fn is_clear(throttle: Throttle) -> bool {
    throttle.failures() == 0 && throttle.lock() == Lock::Open
}

/// Asks for consent at a terminal. Without a terminal, `--yes` must give it.
fn agreed(accounts: u64) -> Result<bool, Failure> {
    let question = format!("{accounts} accounts have failures or a lock. Clear them all?");
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("yes", format!("{question} Confirm with --yes")));
    }
    complain(&format!("{question} [y/N]"));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| Failure::io("stdin", &error))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
