use clap::Args;

use crate::cli::Answer;
use crate::database::Sealed;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::output::Output;
use crate::{input, judgement, time};

/// Check a code of an enrolled account, once: count it, and spend it
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    identity: Identity,
    /// The code; without it, the first line of stdin
    #[arg(allow_negative_numbers = true)]
    code: Option<String>,
    #[command(flatten)]
    sealed: Sealed,
}

impl Verify {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.identity.id()?;
        let verifier = self.sealed.open()?;
        let typed;
        let code = match &self.code {
            Some(code) => code,
            None => {
                typed = input::line("code", "Code (not shown): ")?;
                typed.as_str()
            }
        };
        let verdict = verifier.verify(&id, code)?;
        judgement::show(output, &verdict, time::now()?)
    }
}
