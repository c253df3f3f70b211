use std::collections::BTreeMap;

use clap::Args;
use otp_context::wallet::Tag;
use otp_store::{AccountId, CredentialId, Error};
use serde::Serialize;

use crate::accounts::account::Name;
use crate::accounts::database::{AnyVerifier, Sealed};
use crate::commands::list::{each, each_recovery};
use crate::failure::{self, Failure};
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// Open every key of a database with the wallet, and change nothing
///
/// Counts the keys under each tag, those of recovery codes included, and names the credentials whose
/// key does not open.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    sealed: Sealed,
}

/// The result, as `--json` shows it.
#[derive(Serialize)]
struct Checked<'a> {
    outcome: &'static str,
    #[serde(flatten)]
    keys: &'a Keys,
}

impl Check {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let keys = Keys::check(&self.sealed.open()?, output, |_, _| None)?;
        if output.is_json() {
            output.object(&Checked { outcome: "checked", keys: &keys })?;
        } else {
            output.text(&keys.counted_text())?;
        }
        Ok(keys.answer(output))
    }
}

/// The keys of a database, opened one by one.
#[derive(Serialize)]
pub(super) struct Keys {
    /// The tag that new keys are sealed under.
    current: String,
    /// The number of keys that do not open, or are refused for another reason.
    refused: u64,
    /// The number of keys under each tag, whether they open or not.
    tags: BTreeMap<String, u64>,
    /// The number of plain-text keys.
    plain: u64,
    /// The advice if no key opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
    /// The number of keys that open.
    #[serde(skip)]
    opened: u64,
    /// Whether the wallet has more tags than the current one.
    #[serde(skip)]
    has_old_secrets: bool,
}

/// The owner of a key: a credential, or the recovery codes of an account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Credential(CredentialId),
    /// An account's recovery codes, with the id of the account alone.
    Recovery(CredentialId),
}

impl Owner {
    pub(super) fn recovery(account: &AccountId) -> Self {
        Self::Recovery(account.clone().into())
    }
}

/// A credential whose key does not open, as `--json` shows it.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    /// Whether it is the key of the account's recovery codes.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    recovery: bool,
    #[serde(flatten)]
    failure: failure::Fields<'a>,
}

impl Keys {
    /// Opens every key, and names those that do not open. `object` may refuse a key that opens under
    /// a tag.
    pub(super) fn check(
        verifier: &AnyVerifier,
        output: &mut Output,
        mut object: impl FnMut(&Owner, Option<&Tag>) -> Option<Failure>,
    ) -> Result<Self, Failure> {
        let wallet = verifier.context().wallet();
        let mut keys = Self {
            current: wallet.map(|wallet| wallet.current().to_string()).unwrap_or_default(),
            refused: 0,
            tags: BTreeMap::new(),
            plain: 0,
            advice: None,
            opened: 0,
            has_old_secrets: wallet.is_some_and(|wallet| wallet.tags().nth(1).is_some()),
        };
        // The check continues even if the reader of stdout is gone.
        each(verifier.store(), |id| {
            let owner = Owner::Credential(id.clone());
            if !keys.open(&owner, verifier.check_key(id), output, &mut object)?
                && let Ok(status) = verifier.status(id)
            {
                keys.count(status.tag());
            }
            Ok(true)
        })?;
        each_recovery(verifier.store(), |account| {
            let owner = Owner::recovery(account);
            keys.open(&owner, verifier.check_recovery_key(account), output, &mut object)?;
            Ok(true)
        })?;
        if keys.opened == 0 && keys.refused > 0 {
            keys.advice = Some(
                "no key opens: check that it is the right wallet, and give --namespace NAME if the \
                 application has a namespace",
            );
        }
        Ok(keys)
    }

    /// Counts a key that was opened, or refuses it and returns false.
    fn open(
        &mut self,
        owner: &Owner,
        opened: Result<Option<Tag>, Error>,
        output: &mut Output,
        object: &mut impl FnMut(&Owner, Option<&Tag>) -> Option<Failure>,
    ) -> Result<bool, Failure> {
        match opened {
            Ok(tag) => {
                self.opened = self.opened.saturating_add(1);
                self.count(tag.as_ref());
                if let Some(failure) = object(owner, tag.as_ref()) {
                    self.refuse(owner, &failure, output)?;
                }
                Ok(true)
            }
            // It was removed meanwhile.
            Err(Error::Unknown) => Ok(true),
            Err(error) => {
                self.refuse(owner, &about_one(error)?, output)?;
                Ok(false)
            }
        }
    }

    fn count(&mut self, tag: Option<&Tag>) {
        let number = match tag {
            Some(tag) => self.tags.entry(tag.to_string()).or_default(),
            None => &mut self.plain,
        };
        *number = number.saturating_add(1);
    }

    fn refuse(
        &mut self,
        owner: &Owner,
        failure: &Failure,
        output: &mut Output,
    ) -> Result<(), Failure> {
        self.refused = self.refused.saturating_add(1);
        let (id, recovery, codes) = match owner {
            Owner::Credential(id) => (id, false, ""),
            Owner::Recovery(id) => (id, true, ", recovery codes"),
        };
        let name = Name::of(id);
        if output.is_json() {
            return output.object(&Refused { name, recovery, failure: failure.fields() });
        }
        complain(&format!("otp: {}{codes}: {failure}", name.text()));
        Ok(())
    }

    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    /// Returns yes if no key was refused, and writes advice for people.
    pub(super) fn answer(&self, output: &Output) -> Answer {
        if let Some(advice) = self.advice {
            output.note(&format!("otp: {advice}"));
        }
        if self.refused > 0 {
            return Answer::No;
        }
        let all_current = self.tags.keys().all(|tag| *tag == self.current) && self.plain == 0;
        if self.has_old_secrets && all_current {
            output.note(
                "No key of this database needs the wallet's old secrets. Backups may still need \
                 them. Keep an old secret for as long as you keep backups from its time.",
            );
        }
        Answer::Yes
    }

    /// Returns the counts for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (tag, count) in &self.tags {
            let mark = if *tag == self.current { " (current)" } else { "" };
            text.push_str(&format!("{count:>8}  under {tag}{mark}\n"));
        }
        if self.plain > 0 || self.tags.is_empty() {
            text.push_str(&format!("{:>8}  in plain text\n", self.plain));
        }
        text
    }

    /// Returns the counts for people, with the number of refused keys.
    pub(super) fn counted_text(&self) -> String {
        match self.refused {
            0 => self.text(),
            refused => format!("{}{refused:>8}  refused\n", self.text()),
        }
    }
}

/// Returns the failure of a single credential. Any other error is returned as `Err`, because the
/// next credentials would fail, too.
pub(crate) fn about_one(error: Error) -> Result<Failure, Failure> {
    let is_about_one = matches!(error, Error::Context(_) | Error::Corrupt(_) | Error::PlainKey);
    let failure = Failure::from(error);
    if is_about_one { Ok(failure) } else { Err(failure) }
}
