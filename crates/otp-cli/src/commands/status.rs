use clap::Args;
use serde::Serialize;

use crate::accounts::account::{AccountArguments, Name, unanswered};
use crate::accounts::database::Database;
use crate::failure::Failure;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::parameters::Parameters;
use crate::output::verdict::{failures_text, lock_text, locked_until};

/// Show the counter, the drift, the failures and the lock of a credential
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
    locked: bool,
    /// Absent if the account is not locked, `null` if only an operator can unlock it.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Option<u64>>,
    /// The tag of the application secret that encrypted the key; `null` for a plain-text key.
    tag: Option<&'a str>,
}

impl Status {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.database.without_keys()?;
        let status = verifier.status(&id).map_err(|error| unanswered(&verifier, &id, error))?;
        let now = time::now()?;
        let locked_until = locked_until(status.throttle().lock(), now);
        let standing = Standing {
            name: Name::of(&id),
            kind: status.kind().name(),
            parameters: Parameters::of(status.kind()),
            confirmed: status.confirmed(),
            next: status.next(),
            drift: status.drift(),
            failures: status.throttle().failures(),
            locked: locked_until.is_some(),
            locked_until,
            tag: status.tag().map(otp_context::wallet::Tag::as_str),
        };
        if output.is_json() {
            output.object(&standing)?;
        } else {
            output.text(&(standing.text() + &lock_text(locked_until, now)))?;
        }
        Ok(Answer::Yes)
    }
}

impl Standing<'_> {
    /// Returns the status for people, without the lock.
    fn text(&self) -> String {
        let Self { name, kind, parameters, next, drift, .. } = self;
        let confirmed = if self.confirmed { "confirmed" } else { "not confirmed" };
        let key = self.tag.map_or("in plain text".to_owned(), |tag| format!("sealed under {tag}"));
        let failures = failures_text(self.failures);
        format!(
            "{}: {kind}, {parameters}; {confirmed}; next {next}, drift {drift}; key {key}{failures}",
            name.text()
        )
    }
}
