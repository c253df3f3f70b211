use clap::Args;
use otp_core::UnixTime;
use otp_store::{CredentialId, Error};
use serde::Serialize;

use crate::accounts::account::{AccountArguments, Name, unanswered};
use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::parameters::Parameters;
use crate::output::verdict::{failures_text, left_text, lock_text, locked_until};

/// Show the counter, drift, failures and lock of an account
#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    account: AccountArguments,
    #[command(flatten)]
    database: Database,
}

/// The status of a credential, as `--json` shows it.
#[derive(Serialize)]
struct Standing<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    parameters: Parameters,
    confirmed: bool,
    /// The lowest unspent counter.
    next: u64,
    /// The known drift of the clock, in steps.
    drift: i16,
    /// The account's failed attempts since its last success.
    failures: u32,
    /// The counters that these attempts were compared with.
    guesses: u32,
    locked: bool,
    /// Absent if the account is not locked, `null` if only an operator can unlock it.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Option<u64>>,
    /// The account's recovery codes that are left. Absent if it has no set.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<u32>,
    /// The tag of the application secret that encrypted the key; `null` for a plain-text key.
    tag: Option<&'a str>,
}

impl Status {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.database.without_keys()?;
        let credentials = if self.account.has_name() {
            let status = verifier.status(&id);
            vec![(id.clone(), status.map_err(|error| unanswered(&verifier, &id, error))?)]
        } else {
            verifier.credentials(id.account())?
        };
        let recovery_codes = verifier.recovery_codes_left(id.account())?;
        if credentials.is_empty() {
            let codes = recovery_codes.ok_or(Error::Unknown)?;
            return without_credential(&id, codes, output);
        }
        let now = time::now()?;
        for (id, status) in &credentials {
            let standing = Standing { recovery_codes, ..Standing::of(id, status, now) };
            if output.is_json() {
                output.object(&standing)?;
            } else {
                output.text(&(standing.text() + &lock_text(standing.locked_until, now)))?;
            }
        }
        Ok(Answer::Yes)
    }
}

/// Shows an account that has recovery codes and no credential.
fn without_credential(
    id: &CredentialId,
    recovery_codes: u32,
    output: &mut Output,
) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Codes<'a> {
        #[serde(flatten)]
        name: Name<'a>,
        recovery_codes: u32,
    }
    let name = Name::of(id);
    if output.is_json() {
        output.object(&Codes { name, recovery_codes })?;
    } else {
        output.text(&format!("{}: no credential; {}", name.text(), left_text(recovery_codes)))?;
    }
    Ok(Answer::Yes)
}

impl<'a> Standing<'a> {
    fn of(id: &'a CredentialId, status: &'a otp_store::Status, now: UnixTime) -> Self {
        let locked_until = locked_until(status.throttle().lock(), now);
        Self {
            name: Name::of(id),
            kind: status.kind().name(),
            parameters: Parameters::of(status.kind()),
            confirmed: status.confirmed(),
            next: status.next(),
            drift: status.drift(),
            failures: status.throttle().failures(),
            guesses: status.guesses(),
            locked: locked_until.is_some(),
            locked_until,
            recovery_codes: None,
            tag: status.tag().map(otp_context::wallet::Tag::as_str),
        }
    }

    /// Returns the status for people, without the lock.
    fn text(&self) -> String {
        let Self { name, kind, parameters, next, drift, .. } = self;
        let confirmed = if self.confirmed { "confirmed" } else { "not confirmed" };
        let key = self.tag.map_or("in plain text".to_owned(), |tag| format!("sealed under {tag}"));
        let failures = failures_text(self.failures);
        let recovery = self.recovery_codes.map(|left| format!("; {}", left_text(left)));
        let recovery = recovery.unwrap_or_default();
        format!(
            "{}: {kind}, {parameters}; {confirmed}; next {next}, drift {drift}; key {key}{recovery}\
             {failures}",
            name.text()
        )
    }
}
