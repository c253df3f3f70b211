use clap::{Args, ValueHint};
use otp_store::{CredentialId, Error};
use serde::Serialize;

use crate::accounts::database::AnyVerifier;
use crate::failure::{Failure, FailureKind};

/// The arguments that name a credential.
#[derive(Args, Debug)]
pub(crate) struct AccountArguments {
    /// Account name
    #[arg(value_hint = ValueHint::Other)]
    account: String,
    /// Name of the credential, if the account has several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl AccountArguments {
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// Returns whether one credential is named.
    pub(crate) const fn has_name(&self) -> bool {
        self.name.is_some()
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
    match verifier.credentials(id.account()) {
        Ok(credentials) if credentials.is_empty() => error.into(),
        Ok(_) => {
            let which = if id.name().is_empty() {
                "without a name; give one with --name"
            } else {
                "of this name"
            };
            let message = format!("account has no credential {which}; otp list shows all");
            Failure::new(FailureKind::NotFound, "name", message)
        }
        Err(error) => error.into(),
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
        Self { account: id.account().as_str(), name: id.name() }
    }

    /// Returns the id for people: quoted, with control characters escaped.
    pub(crate) fn text(&self) -> String {
        let Self { account, name } = self;
        if name.is_empty() { format!("{account:?}") } else { format!("{account:?}, name {name:?}") }
    }
}
