use clap::Args;
use otp_store::{CredentialId, Error};
use serde::Serialize;

use crate::accounts::database::AnyVerifier;
use crate::failure::{Failure, FailureKind};

/// The arguments that name a credential.
#[derive(Args, Debug)]
pub(crate) struct AccountArguments {
    /// Account name
    account: String,
    /// Name of the credential, if the account has several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl AccountArguments {
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    pub(crate) fn id(&self) -> Result<CredentialId, Failure> {
        id(&self.account, self.name.as_deref())
    }
}

/// Returns the id of an account's credential.
pub(crate) fn id(account: &str, name: Option<&str>) -> Result<CredentialId, Failure> {
    let id = CredentialId::new(account)?;
    let Some(name) = name else { return Ok(id) };
    id.with_name(name).map_err(|_| {
        Failure::invalid("name", "must have at most 255 bytes and no control characters")
    })
}

/// Returns the failure of a query about a credential. If the account has only other credentials, it
/// says so.
pub(crate) fn unanswered(verifier: &AnyVerifier, id: &CredentialId, error: Error) -> Failure {
    if !matches!(error, Error::Unknown) {
        return error.into();
    }
    match has_any(verifier, id.account()) {
        Ok(false) => error.into(),
        Ok(true) => {
            let which = if id.name().is_empty() {
                "without a name; give one with --name"
            } else {
                "of this name"
            };
            let message = format!("account has no credential {which}; otp list shows all");
            Failure::new(FailureKind::NotFound, "name", message)
        }
        Err(failure) => failure,
    }
}

/// Returns whether an account has any credential.
fn has_any(verifier: &AnyVerifier, account: &str) -> Result<bool, Failure> {
    let unnamed = CredentialId::new(account)?;
    match verifier.status(&unnamed) {
        Ok(_) => Ok(true),
        // Credentials with a name follow in the list.
        Err(Error::Unknown) => {
            let next = verifier.store().list(Some(&unnamed), 1)?;
            Ok(next.first().is_some_and(|id| id.account() == account))
        }
        Err(error) => Err(error.into()),
    }
}

/// A credential's id as `--json` shows it.
#[derive(Serialize)]
pub(crate) struct Name<'a> {
    account: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

impl<'a> Name<'a> {
    pub(crate) fn of(id: &'a CredentialId) -> Self {
        Self { account: id.account(), name: id.name() }
    }

    /// Returns the id for people: quoted, with control characters escaped.
    pub(crate) fn text(&self) -> String {
        let Self { account, name } = self;
        if name.is_empty() { format!("{account:?}") } else { format!("{account:?}, name {name:?}") }
    }
}
