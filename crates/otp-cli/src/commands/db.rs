use clap::{Args, Subcommand};
use otp_context::OtpContext;
use otp_store::Error;
use serde::Serialize;

use crate::accounts::damage;
use crate::accounts::database::{Database, verifier};
use crate::commands::list::{each, each_recovery};
use crate::failure::{Failure, FailureKind};
use crate::output::Output;
use crate::output::answer::Answer;

/// Create a database, update its schema, or look for damage
#[derive(Args, Debug)]
pub(crate) struct Db {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Init(Init),
    Migrate(Migrate),
    Check(Check),
}

/// Create the database, unless it exists
#[derive(Args, Debug)]
struct Init {
    #[command(flatten)]
    database: Database,
}

/// Bring the schema of a database up to date
///
/// Make a backup first, and stop the programs of older versions: they cannot write afterwards.
#[derive(Args, Debug)]
struct Migrate {
    #[command(flatten)]
    database: Database,
}

/// Read every credential and set of recovery codes, and name those that are damaged
///
/// Needs no wallet; otp wallet check opens the keys. On Redis it also compares the index, which otp
/// list reads, with the keys of the server.
#[derive(Args, Debug)]
struct Check {
    /// Correct the index of a Redis server
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Done {
    outcome: &'static str,
}

/// The result, as `--json` shows it.
#[derive(Serialize)]
struct Checked {
    outcome: &'static str,
    credentials: u64,
    damaged: u64,
}

impl Db {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        match &self.action {
            Action::Init(Init { database }) => {
                database.create()?;
                done("created", output)
            }
            Action::Migrate(Migrate { database }) => {
                database.migrate()?;
                done("migrated", output)
            }
            Action::Check(check) => check.run(output),
        }
    }
}

fn done(outcome: &'static str, output: &mut Output) -> Result<Answer, Failure> {
    if output.is_json() {
        output.object(&Done { outcome })?;
    } else {
        output.text(outcome)?;
    }
    Ok(Answer::Yes)
}

impl Check {
    fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let verifier = verifier(self.database.open()?, OtpContext::new().with_plain_keys())?;
        let mut checked = Checked { outcome: "checked", credentials: 0, damaged: 0 };
        each(verifier.store(), |id| {
            match verifier.status(id) {
                Ok(_) => checked.credentials = checked.credentials.saturating_add(1),
                // The credential was removed meanwhile.
                Err(Error::Unknown) => {}
                Err(error @ Error::Corrupt(_)) => {
                    checked.damaged = checked.damaged.saturating_add(1);
                    damage::show(id, &error.into(), output)?;
                }
                Err(error) => return Err(error.into()),
            }
            Ok(true)
        })?;
        each_recovery(verifier.store(), |account| {
            if let Err(error) = verifier.recovery_codes_left(account) {
                let Error::Corrupt(_) = error else { return Err(error.into()) };
                checked.damaged = checked.damaged.saturating_add(1);
                damage::show(&account.clone().into(), &error.into(), output)?;
            }
            Ok(true)
        })?;
        for (id, message) in self.database.index(self.repair)? {
            checked.damaged = checked.damaged.saturating_add(1);
            damage::show(&id, &Failure::new(FailureKind::Database, "db", message), output)?;
        }
        let Checked { credentials, damaged, .. } = checked;
        if output.is_json() {
            output.object(&checked)?;
        } else {
            output.text(&format!("checked: {credentials} sound, {damaged} damaged"))?;
        }
        Ok(if damaged == 0 { Answer::Yes } else { Answer::No })
    }
}
