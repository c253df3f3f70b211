use clap::Args;
use otp_context::{Credential, Error};
use otp_uri::{KeyUri, Label};

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

    /// A URI with what it lacks; it must have an account in the end.
    pub(crate) fn uri(&self, uri: KeyUri) -> Result<KeyUri, Failure> {
        let label = uri.label();
        let has_account = !label.account().is_empty();
        if has_account && (label.issuer().is_some() || self.issuer.is_none()) {
            return Ok(uri);
        }
        let (label, secret, kind) = uri.into_parts();
        let own = has_account.then(|| label.account());
        let account = own.or(self.account.as_deref()).ok_or(Error::NoAccount)?;
        let named = Label::new(account)?;
        let named = match label.issuer().or(self.issuer.as_deref()) {
            Some(issuer) => named.with_issuer(issuer)?,
            None => named,
        };
        Ok(KeyUri::new(named, secret, kind)?)
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
