use clap::Args;
use otp_store::CredentialId;

use crate::cli::Answer;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::Output;
use crate::{input, judgement, time};

/// Check a code of an enrolled account, once: count it, and spend it
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// Whose code it is
    account: String,
    /// The code; without it, the first line of stdin
    #[arg(allow_negative_numbers = true)]
    code: Option<String>,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = CredentialId::new(&self.account)?;
        let verifier = self.database.open()?;
        let typed;
        let code = match &self.code {
            Some(code) => code,
            None => {
                typed = input::line("code", None, "Code (not shown): ")?;
                typed.as_str()
            }
        };
        let now = time::now()?;
        let verdict = verifier.verify(&id, code, now)?;
        judgement::show(output, &verdict, &verifier, &id, now)
    }
}
