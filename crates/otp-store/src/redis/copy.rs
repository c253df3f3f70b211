//! The scripts behind the calls on whole accounts.

use ::redis::Cmd;
use otp_context::replay::Lock;

use super::reply::{LATEST_LOCK, unexpected};
use super::{Redis, keys};
use crate::{AccountCopy, AccountId, AttemptId, CredentialId, Entry, Error};

impl Redis {
    pub(super) async fn copy_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<AccountCopy>, Error> {
        let [schema, key, credential] = self.keys(&account.clone().into());
        let keys = [schema, key, credential, self.reconnecting.keys().recovery(account)];
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(""));
        };
        let script = &self.reconnecting.scripts().copy;
        let mut reply = self.reconnecting.run(script, &keys, arguments).await?;
        match reply.word()?.as_str() {
            "found" => reply.copy(account),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    pub(super) async fn restore_account(&self, copy: &AccountCopy) -> Result<bool, Error> {
        let (known, account, state) = (self.reconnecting.keys(), copy.id(), copy.account());
        let credentials = copy.credentials();
        let mut all = vec![known.schema(), known.account(account), known.recovery(account)];
        all.extend([known.index(), known.recovery_index(), known.credential(account, "")]);
        all.extend(credentials.iter().map(|(id, _)| known.credential(account, id.name())));
        let found = lock(state.throttle.lock())?;
        let mut charge = Vec::new();
        if let Some(last) = state.last_charge {
            charge.extend_from_slice(last.attempt.as_bytes());
            charge.extend(format!("{}:{}", last.guesses, lock(last.found)?).bytes());
        }
        let set = state.recovery.map(|set| set.get().to_string()).unwrap_or_default();
        let arguments = |command: &mut Cmd| {
            command.arg(account.as_str()).arg(state.throttle.failures()).arg(&found);
            command.arg(state.guesses).arg(state.trust_epoch).arg(&charge).arg(&set);
            match copy.recovery() {
                None => {
                    command.arg(0);
                }
                Some(recovery) => {
                    command.arg(recovery.codes.len().saturating_add(1)).arg("key");
                    command.arg(&recovery.key);
                    for (digest, attempt) in &recovery.codes {
                        command.arg(&digest.as_bytes()[..]).arg(bytes(attempt.as_ref()));
                    }
                }
            }
            for (id, entry) in credentials {
                credential(command, id, entry);
            }
        };
        let script = &self.reconnecting.scripts().restore;
        self.reconnecting.run(script, &all, arguments).await?.done("there")
    }
}

fn credential(command: &mut Cmd, id: &CredentialId, entry: &Entry) {
    command.arg(keys::place(id)).arg(keys::field(id.name())).arg(entry.length);
    command.arg(u8::from(entry.confirmed)).arg(entry.record.as_str()).arg(u8::from(entry.hotp));
    command.arg(entry.generation).arg(entry.next).arg(entry.drift);
    command.arg(bytes(entry.attempt.as_ref()));
}

/// Returns an attempt as a value, which is empty for none.
fn bytes(attempt: Option<&AttemptId>) -> &[u8] {
    attempt.map_or(&[], |attempt| attempt.as_bytes())
}

/// Writes a lock as scripts do.
fn lock(lock: Lock) -> Result<String, Error> {
    match lock {
        Lock::Open => Ok("open".to_owned()),
        Lock::Hard => Ok("hard".to_owned()),
        Lock::Until(until) if until.as_secs() <= LATEST_LOCK => Ok(until.as_secs().to_string()),
        Lock::Until(_) => Err(Error::TooLarge("lock")),
    }
}
