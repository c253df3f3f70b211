use clap::Args;

use crate::cli::Answer;
use crate::failure::Failure;
use crate::found::Besides;
use crate::new_key::NewKey;
use crate::output::Output;

/// Make a credential: its URI, and a QR code
#[derive(Args, Debug)]
pub(crate) struct New {
    /// Whose it is
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
