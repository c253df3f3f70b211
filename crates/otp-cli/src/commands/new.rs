use clap::Args;

use crate::accounts::new_key::NewKey;
use crate::failure::Failure;
use crate::input::found::Besides;
use crate::output::Output;
use crate::output::answer::Answer;

/// Generate a credential, and show its URI and QR code
#[derive(Args, Debug)]
pub(crate) struct New {
    /// Account name
    #[arg(long, value_name = "NAME")]
    account: String,
    #[command(flatten)]
    key: NewKey,
}

impl New {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let uri = self.key.make(&self.account)?;
        self.key.draw(&uri)?.show(&uri, None, Besides::default(), output)?;
        Ok(Answer::Yes)
    }
}
