use clap::Args;
use serde::Serialize;

use crate::accounts::account::{AccountArguments, Name, unanswered};
use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Remove a credential for good: its codes are no longer accepted
///
/// The database also forgets which codes are spent. If you enrol the same key again, a code that was
/// used just before is accepted once more. Wait until it has expired, or enrol a record with next.
#[derive(Args, Debug)]
pub(crate) struct Remove {
    #[command(flatten)]
    account: AccountArguments,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Removed<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    name: Name<'a>,
}

impl Remove {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.database.without_keys()?;
        verifier.remove(&id).map_err(|error| unanswered(&verifier, &id, error))?;
        if output.is_json() {
            output.object(&Removed { outcome: "removed", name: Name::of(&id) })?;
        } else {
            output.text("removed")?;
        }
        if verifier.recovery_codes_left(id.account())?.is_some()
            && verifier.credentials(id.account())?.is_empty()
        {
            output.note("The account keeps its recovery codes. otp recovery remove ends them.");
        }
        Ok(Answer::Yes)
    }
}
