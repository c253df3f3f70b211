use clap::Args;

use crate::cli::Answer;
use crate::database::Sealed;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::new_key::NewKey;
use crate::output::Output;
use crate::{judgement, time};

/// Make a credential, keep it, and confirm it by its first code
///
/// Its key is sealed by the wallet. With the default database, a wallet is made for the first one.
#[derive(Args, Debug)]
pub(crate) struct Enroll {
    #[command(flatten)]
    identity: Identity,
    /// Confirm the credential by its first code, which is spent by that
    #[arg(long, value_name = "CODE", allow_negative_numbers = true)]
    confirm: Option<String>,
    #[command(flatten)]
    key: NewKey,
    #[command(flatten)]
    sealed: Sealed,
}

impl Enroll {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.identity.id()?;
        if let Some(code) = &self.confirm {
            if self.key != NewKey::default() {
                let message = "confirm does not go with the options of a new credential";
                return Err(Failure::usage("confirm", message));
            }
            let verdict = self.sealed.open()?.confirm(&id, code)?;
            return judgement::show(output, &verdict, time::now()?);
        }
        let (label, secret, kind) = self.key.make(self.identity.account())?.into_parts();
        let verifier = self.sealed.create()?;
        let credential = verifier.context().import(kind, secret).with_account(label.account());
        let credential = credential.with_issuer(label.issuer().unwrap_or_default());
        let uri = credential.key_uri()?;
        // Before the credential: it may replace one that somebody has in an app already.
        let drawn = self.key.draw(&uri)?;
        if let Err(error) = verifier.enroll(&id, &credential) {
            drawn.take_back();
            return Err(error.into());
        }
        drawn.show(&uri, Some("pending"), output)?;
        output.note(
            "Nothing is accepted before otp enroll ACCOUNT --confirm CODE, with its first code.",
        );
        Ok(Answer::Yes)
    }
}
