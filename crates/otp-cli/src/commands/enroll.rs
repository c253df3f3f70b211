use clap::Args;
use otp_store::CredentialId;

use crate::cli::Answer;
use crate::database::Database;
use crate::failure::Failure;
use crate::new_key::NewKey;
use crate::output::Output;
use crate::{judgement, time};

/// Make a credential, keep it, and confirm it by its first code
///
/// Keys are stored as they are for now, in a file for its owner alone (mode 0600).
#[derive(Args, Debug)]
pub(crate) struct Enroll {
    /// Whose it is
    account: String,
    /// Confirm the credential by its first code, which is spent by that
    #[arg(long, value_name = "CODE", allow_negative_numbers = true)]
    confirm: Option<String>,
    #[command(flatten)]
    key: NewKey,
    #[command(flatten)]
    database: Database,
}

impl Enroll {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = CredentialId::new(&self.account)?;
        if let Some(code) = &self.confirm {
            if self.key != NewKey::default() {
                let message = "confirm does not go with the options of a new credential";
                return Err(Failure::usage("confirm", message));
            }
            let verifier = self.database.open()?;
            let now = time::now()?;
            let verdict = verifier.confirm(&id, code, now)?;
            return judgement::show(output, &verdict, &verifier, &id, now);
        }
        let uri = self.key.make(&self.account)?;
        self.database.create()?.store().enroll(&id, &uri)?;
        self.key.show(&uri, Some("pending"), output)?;
        output.note(
            "The key is stored as it is, in a file for its owner alone (mode 0600).\n\
             Nothing is accepted before otp enroll ACCOUNT --confirm CODE, with its first code.",
        );
        Ok(Answer::Yes)
    }
}
