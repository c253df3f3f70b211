use clap::Args;

use crate::accounts::account::AccountArguments;
use crate::accounts::database::Sealed;
use crate::failure::Failure;
use crate::input::line;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::verdict;

/// Verify a code of an account: count the attempt, spend the code
///
/// Without --name the code of any credential of the account is accepted.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    account: AccountArguments,
    /// Code [default: the first line of stdin]
    #[arg(allow_negative_numbers = true)]
    code: Option<String>,
    #[command(flatten)]
    sealed: Sealed,
}

impl Verify {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.sealed.open()?;
        let typed;
        let code = match &self.code {
            Some(code) => code,
            None => {
                typed = line::read("code", "Code (not shown): ")?;
                typed.as_str()
            }
        };
        let verdict = if self.account.has_name() {
            verifier.verify(&id, code)?
        } else {
            verifier.verify_account(id.account(), code)?
        };
        verdict::show(output, &verdict, time::now()?)
    }
}
