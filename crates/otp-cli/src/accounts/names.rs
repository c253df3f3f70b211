use clap::Args;
use otp_context::Credential;
use otp_uri::Label;

use crate::failure::Failure;

/// The names for credentials without names.
#[derive(Args, Debug, Default)]
pub(crate) struct Names {
    /// Account name for credentials without one
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Issuer for credentials without one
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
}

impl Names {
    /// Refuses malformed names before anything is read.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let account = self.account.as_deref();
        let label = account.map_or_else(|| Ok(Label::unnamed()), Label::new)?;
        self.issuer.as_deref().map_or(Ok(()), |issuer| label.with_issuer(issuer).map(drop))?;
        Ok(())
    }

    /// Adds the names that a credential lacks.
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
