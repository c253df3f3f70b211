use std::collections::BTreeMap;

use clap::Args;
use otp_store::{Error, Resealed};
use serde::Serialize;

use super::check::{Keys, Owner, about_one};
use crate::accounts::database::Sealed;
use crate::commands::list::{each, each_recovery};
use crate::failure::{Failure, FailureKind};
use crate::output::Output;
use crate::output::answer::Answer;

/// Re-encrypt the keys of a database under the last secret of the wallet
///
/// Nothing else about a credential changes, and codes are accepted meanwhile. A plain-text key is
/// refused: anyone with write access to the database could have inserted it. At the end every key is
/// opened and counted, as otp wallet check does.
///
/// Backups are not re-encrypted. Keep the old secret for as long as you keep them.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// Change nothing: open the keys, and count them under each tag
    #[arg(long)]
    dry_run: bool,
    /// Encrypt plain-text keys, too
    #[arg(long)]
    seal_plain: bool,
    #[command(flatten)]
    sealed: Sealed,
}

/// The number of attempts while another process changes the credential.
const TRIES: usize = 3;

/// The result, as `--json` shows it.
#[derive(Serialize)]
struct Rotated<'a> {
    outcome: &'static str,
    /// The number of keys that were re-encrypted.
    resealed: u64,
    #[serde(flatten)]
    keys: &'a Keys,
}

impl Rotate {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        // A second rotation waits, and no secret is added meanwhile. Otherwise the first one to end
        // would report keys that the other then changes.
        let _lock = if self.dry_run { None } else { self.sealed.lock_wallet(output)? };
        let verifier =
            if self.seal_plain { self.sealed.open_with_plain_keys() } else { self.sealed.open() }?;
        let (mut resealed, mut failures) = (0_u64, BTreeMap::new());
        if !self.dry_run {
            // The rotation continues even if the reader of stdout is gone.
            let mut done = |owner, outcome| match outcome {
                Outcome::Done => resealed = resealed.saturating_add(1),
                Outcome::NotDue => {}
                Outcome::Failed(failure) => drop(failures.insert(owner, failure)),
            };
            each(verifier.store(), |id| {
                done(Owner::Credential(id.clone()), reseal(|| verifier.reseal(id))?);
                Ok(true)
            })?;
            each_recovery(verifier.store(), |account| {
                let outcome = reseal(|| verifier.reseal_recovery(account))?;
                done(Owner::recovery(account), outcome);
                Ok(true)
            })?;
        }
        // Other processes may have changed keys meanwhile, so the counts are those at the end.
        let current = verifier.context().wallet().map(otp_context::wallet::Wallet::current);
        let keys = Keys::check(&verifier, output, |owner, tag| {
            if self.dry_run || tag == current {
                return None;
            }
            if matches!((owner, tag), (Owner::Recovery(_), None)) {
                let message = "recovery codes have no key; make new ones with otp recovery new";
                return Some(Failure::new(FailureKind::Wallet, "key", message));
            }
            let message = "key was encrypted under another secret meanwhile; rotate again";
            let changed = || Failure::new(FailureKind::Database, "key", message);
            Some(failures.remove(owner).unwrap_or_else(changed))
        })?;
        let outcome = if self.dry_run { "counted" } else { "rotated" };
        if output.is_json() {
            output.object(&Rotated { outcome, resealed, keys: &keys })?;
        } else if self.dry_run {
            output.text(&keys.counted_text())?;
        } else {
            let refused = keys.refused();
            let head = format!("rotated: {resealed} re-encrypted, {refused} refused\n");
            output.text(&(head + &keys.text()))?;
        }
        Ok(keys.answer(output))
    }
}

enum Outcome {
    Done,
    NotDue,
    Failed(Failure),
}

fn reseal(reseal: impl Fn() -> Result<Resealed, Error>) -> Result<Outcome, Failure> {
    for _ in 0..TRIES {
        match reseal() {
            Ok(Resealed::Done) => return Ok(Outcome::Done),
            // The credential may have been removed meanwhile.
            Ok(Resealed::NotDue) | Err(Error::Unknown) => return Ok(Outcome::NotDue),
            Ok(Resealed::Lost) => {}
            Err(error) => return about_one(error).map(Outcome::Failed),
        }
    }
    let message = "account was changed by another process at each of three attempts; rotate again";
    Ok(Outcome::Failed(Failure::new(FailureKind::Database, "account", message)))
}
