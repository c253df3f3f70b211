use clap::Args;
use serde::Serialize;

use crate::cli::Answer;
use crate::database::Database;
use crate::failure::Failure;
use crate::identity::{Identity, Name};
use crate::output::Output;

/// Let an account try again: clear its failures and its lock
#[derive(Args, Debug)]
pub(crate) struct Unlock {
    #[command(flatten)]
    identity: Identity,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Unlocked<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    name: Name<'a>,
}

impl Unlock {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.identity.id()?;
        self.database.without_keys()?.unlock(&id)?;
        if output.is_json() {
            output.object(&Unlocked { outcome: "unlocked", name: Name::of(&id) })?;
        } else {
            output.text("unlocked")?;
        }
        Ok(Answer::Yes)
    }
}
