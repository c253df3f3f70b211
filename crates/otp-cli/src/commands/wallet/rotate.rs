use std::collections::BTreeMap;

use clap::Args;
use otp_store::{CredentialId, Error, Resealed};
use serde::Serialize;

use crate::cli::Answer;
use crate::commands::list::each;
use crate::database::{AnyVerifier, Sealed};
use crate::failure::{self, Failure, Kind};
use crate::identity::Name;
use crate::output::{Output, complain};

/// Seal the keys of a database anew, under the last secret of the wallet
///
/// Nothing else about a credential changes, and codes are accepted meanwhile. A key that is not
/// sealed is refused: whoever can write to the database could have put it there.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// Only count the keys under each tag
    #[arg(long)]
    dry_run: bool,
    /// Seal keys too that are stored as they are
    #[arg(long)]
    seal_plain: bool,
    #[command(flatten)]
    sealed: Sealed,
}

/// How often to try again when somebody else changes a credential meanwhile.
const TRIES: usize = 3;

/// What was done, as `--json` shows it.
#[derive(Serialize)]
struct Rotated {
    outcome: &'static str,
    /// The tag that keys are sealed under.
    current: String,
    /// How many were sealed anew.
    resealed: u64,
    /// How many could not be.
    refused: u64,
    /// How many keys are under which tag now.
    tags: BTreeMap<String, u64>,
    /// How many are not sealed.
    plain: u64,
}

/// A credential whose key is not sealed anew, as `--json` shows it.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    #[serde(flatten)]
    failure: failure::Fields<'a>,
}

impl Rotate {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let verifier =
            if self.seal_plain { self.sealed.open_with_plain_keys() } else { self.sealed.open() }?;
        let wallet = verifier.context().wallet();
        let mut rotated = Rotated {
            outcome: if self.dry_run { "counted" } else { "rotated" },
            current: wallet.map(|wallet| wallet.current().to_string()).unwrap_or_default(),
            resealed: 0,
            refused: 0,
            tags: BTreeMap::new(),
            plain: 0,
        };
        each(verifier.store(), |id| {
            if !self.dry_run {
                rotated.reseal(&verifier, id, output)?;
            }
            rotated.count(&verifier, id, output)?;
            // Whether anybody reads along or not.
            Ok(true)
        })?;
        if output.is_json() {
            output.object(&rotated)?;
        } else {
            output.text(&rotated.text())?;
        }
        Ok(if rotated.refused == 0 { Answer::Yes } else { Answer::No })
    }
}

impl Rotated {
    fn reseal(
        &mut self,
        verifier: &AnyVerifier,
        id: &CredentialId,
        output: &mut Output,
    ) -> Result<(), Failure> {
        for _ in 0..TRIES {
            match verifier.reseal(id) {
                Ok(Resealed::Done) => {
                    self.resealed = self.resealed.saturating_add(1);
                    return Ok(());
                }
                // It may be gone meanwhile.
                Ok(Resealed::NotDue) | Err(Error::Unknown) => return Ok(()),
                Ok(Resealed::Lost) => {}
                Err(error) => return self.refuse(id, error, output),
            }
        }
        let message = "account is changed by somebody else at every try";
        self.show_refusal(id, &Failure::new(Kind::Database, "account", message), output)
    }

    fn count(
        &mut self,
        verifier: &AnyVerifier,
        id: &CredentialId,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let number = match verifier.status(id) {
            Ok(status) => match status.tag() {
                Some(tag) => self.tags.entry(tag.to_string()).or_default(),
                None => &mut self.plain,
            },
            // Resealing has said so already.
            Err(Error::Corrupt(_)) if self.outcome == "rotated" => return Ok(()),
            Err(Error::Unknown) => return Ok(()),
            Err(error) => return self.refuse(id, error, output),
        };
        *number = number.saturating_add(1);
        Ok(())
    }

    /// Says why the key of a credential stays as it is, unless it is the database that failed: then
    /// there is no use in going on.
    fn refuse(
        &mut self,
        id: &CredentialId,
        error: Error,
        output: &mut Output,
    ) -> Result<(), Failure> {
        match error {
            Error::Context(_) | Error::Corrupt(_) | Error::Unsealed => {
                self.show_refusal(id, &error.into(), output)
            }
            error => Err(error.into()),
        }
    }

    fn show_refusal(
        &mut self,
        id: &CredentialId,
        failure: &Failure,
        output: &mut Output,
    ) -> Result<(), Failure> {
        self.refused = self.refused.saturating_add(1);
        let name = Name::of(id);
        if output.is_json() {
            return output.object(&Refused { name, failure: failure.fields() });
        }
        complain(&format!("otp: {}: {failure}", name.text()));
        Ok(())
    }

    /// The same for people.
    fn text(&self) -> String {
        let Self { current, resealed, refused, plain, .. } = self;
        let mut text = match self.outcome {
            "rotated" => format!("rotated: {resealed} sealed anew, {refused} refused\n"),
            _ => String::new(),
        };
        for (tag, count) in &self.tags {
            let mark = if tag == current { " (current)" } else { "" };
            text.push_str(&format!("{count:>8}  under {tag}{mark}\n"));
        }
        if *plain > 0 || self.tags.is_empty() {
            text.push_str(&format!("{plain:>8}  not sealed\n"));
        }
        text
    }
}
