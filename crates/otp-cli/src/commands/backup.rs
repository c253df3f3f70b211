use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Copy a SQLite database while other programs use it
///
/// A copy with cp lacks what is in the log. To restore: stop every program, delete the -wal and -shm
/// files beside the old database, then put the backup in its place.
#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// New file, created with mode 0600
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Done {
    outcome: &'static str,
    accounts: u64,
    credentials: u64,
}

impl Backup {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let store = self.database.file()?;
        let backup = store.backup_to(&self.file).map_err(|error| match error {
            otp_store::Error::File(error) => Failure::file("backup", &self.file, &error),
            error => error.into(),
        })?;
        let (accounts, credentials) = (backup.accounts(), backup.credentials());
        if output.is_json() {
            output.object(&Done { outcome: "backed_up", accounts, credentials })?;
        } else {
            output.text(&format!("backed up: {accounts} accounts, {credentials} credentials"))?;
        }
        output
            .note("The backup is useless without the wallet. Keep a copy of the wallet elsewhere.");
        Ok(Answer::Yes)
    }
}
