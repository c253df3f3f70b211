use clap::Args;
use otp_store::CredentialId;
use serde::Serialize;

use crate::failure::Failure;

/// The arguments that name a credential.
#[derive(Args, Debug)]
pub(crate) struct Identity {
    /// Whose it is
    account: String,
    /// Which of the account's credentials, if it has several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl Identity {
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    pub(crate) fn id(&self) -> Result<CredentialId, Failure> {
        let id = CredentialId::new(&self.account)?;
        let Some(name) = &self.name else { return Ok(id) };
        id.with_name(name).map_err(|_| {
            Failure::invalid("name", "must have at most 255 bytes and no control characters")
        })
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

    /// The same for people: quoted, with escapes for what a terminal obeys.
    pub(crate) fn text(&self) -> String {
        let Self { account, name } = self;
        if name.is_empty() { format!("{account:?}") } else { format!("{account:?}, name {name:?}") }
    }
}
