use clap::Args;
use otp_context::Credential;
use otp_uri::Label;

use crate::failure::Failure;

/// The names for credentials that have none of their own.
#[derive(Args, Debug, Default)]
pub(crate) struct Names {
    /// The account for credentials that name none
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The issuer for credentials that name none
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
}

impl Names {
    /// Refuses names that are none, before anything is read.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let account = self.account.as_deref();
        let label = account.map_or_else(|| Ok(Label::unnamed()), Label::new)?;
        self.issuer.as_deref().map_or(Ok(()), |issuer| label.with_issuer(issuer).map(drop))?;
        Ok(())
    }

    /// A credential with what it lacks.
    pub(crate) fn credential(&self, credential: Credential) -> Credential {
        let credential = match (credential.account(), &self.account) {
            (None, Some(account)) => credential.with_account(account),
            _ => credential,
        };
        match (credential.issuer(), &self.issuer) {
            (None, Some(issuer)) => credential.with_issuer(issuer),
            _ => credential,
        }
    }
}
