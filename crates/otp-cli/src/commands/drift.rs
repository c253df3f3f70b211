use clap::Args;
use serde::Serialize;

use crate::accounts::account::{AccountArguments, Name, unanswered};
use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Show the known clock drift of a credential, or reset it
#[derive(Args, Debug)]
pub(crate) struct Drift {
    #[command(flatten)]
    account: AccountArguments,
    /// Reset the drift to 0: codes are then searched only around the time of this machine
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Known<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    name: Name<'a>,
    drift: i16,
}

impl Drift {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.database.without_keys()?;
        if self.reset {
            verifier.reset_drift(&id).map_err(|error| unanswered(&verifier, &id, error))?;
        }
        let status = verifier.status(&id).map_err(|error| unanswered(&verifier, &id, error))?;
        let outcome = if self.reset { "reset" } else { "known" };
        if output.is_json() {
            output.object(&Known { outcome, name: Name::of(&id), drift: status.drift() })?;
        } else {
            output.text(&format!("{outcome}: drift {}", status.drift()))?;
        }
        Ok(Answer::Yes)
    }
}
