use core::num::NonZeroU32;

use ::redis::Cmd;
use otp_context::recovery::{RecoverySet, RecoverySetId};
use otp_context::replay::ThrottlePolicy;

use super::reply::{Reply, unexpected};
use super::script::Script;
use super::{Redis, keys};
use crate::{
    AccountCopy, AccountId, AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry,
    Error, RecordText, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply, SpendRequest,
};

/// The latest time of a charge: a double holds it exactly, even with the longest wait added.
const LATEST: u64 = (1 << 53) - (1 << 32);

impl Redis {
    /// Returns the keys of the schema, the account and the credential.
    pub(super) fn keys(&self, id: &CredentialId) -> [String; 3] {
        let (keys, account) = (self.reconnecting.keys(), id.account());
        [keys.schema(), keys.account(account), keys.credential(account, id.name())]
    }

    /// Returns those keys and the index.
    pub(super) fn all_keys(&self, id: &CredentialId) -> [String; 4] {
        let [schema, account, credential] = self.keys(id);
        [schema, account, credential, self.reconnecting.keys().index()]
    }

    /// Runs a script on the keys of a credential.
    async fn run(
        &self,
        script: &Script,
        id: &CredentialId,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Reply, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id.name()));
            arguments(command);
        };
        self.reconnecting.run(script, &self.keys(id), arguments).await
    }

    /// Runs a script on an account. It gets the keys of the credential without a name, which begin
    /// those of the others.
    async fn run_on_all(
        &self,
        script: &Script,
        account: &AccountId,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Reply, Error> {
        self.run(script, &account.clone().into(), arguments).await
    }

    /// Runs a script on the recovery codes of an account.
    pub(super) async fn run_on_recovery(
        &self,
        script: &Script,
        account: &AccountId,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Reply, Error> {
        let known = self.reconnecting.keys();
        let (codes, index) = (known.recovery(account), known.recovery_index());
        let keys = [known.schema(), known.account(account), codes, index];
        let arguments = |command: &mut Cmd| {
            command.arg(account.as_str());
            arguments(command);
        };
        self.reconnecting.run(script, &keys, arguments).await
    }

    /// Returns a page of an index, after this place.
    async fn page(&self, index: String, after: Option<&str>, most: usize) -> Result<Reply, Error> {
        let after = after.map_or_else(|| "-".to_owned(), |place| format!("({place}"));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let arguments = |command: &mut Cmd| {
            command.arg(&after).arg(most);
        };
        let keys = [self.reconnecting.keys().schema(), index];
        self.reconnecting.run(&self.reconnecting.scripts().list, &keys, arguments).await
    }
}

/// Writes a charge as arguments.
///
/// Numbers of a policy are bytes: one argument costs the server less than twenty, and four bytes
/// cost less than digits.
fn charge_arguments(charge: &ChargeRequest) -> Result<impl Fn(&mut Cmd), Error> {
    let (now, charge) = (charge.now().as_secs(), *charge);
    if now > LATEST {
        return Err(Error::TooLarge("time"));
    }
    let bytes = |policy: &ThrottlePolicy, guesses: u32| -> Vec<u8> {
        let reopen = policy.reopen_after().map_or(0, NonZeroU32::get);
        let numbers = [policy.linear_step(), policy.limit(), guesses, reopen];
        numbers.iter().chain(policy.backoff()).flat_map(|number| number.to_be_bytes()).collect()
    };
    Ok(move |command: &mut Cmd| {
        command.arg(&charge.attempt().as_bytes()[..]).arg(now).arg(charge.length());
        command.arg(u8::from(charge.confirmed()));
        command.arg(bytes(charge.totp_policy(), charge.guesses(false)));
        command.arg(bytes(charge.hotp_policy(), charge.guesses(true)));
    })
}

/// Reads the reply to a charge.
fn charged<T>(
    mut reply: Reply,
    permitted: impl FnOnce(&mut Reply) -> Result<T, Error>,
) -> Result<ChargeReply<T>, Error> {
    match reply.word()?.as_str() {
        "permitted" => permitted(&mut reply).map(ChargeReply::Permitted),
        "locked" => reply.throttle().map(ChargeReply::Locked),
        "malformed" => {
            let length = reply.length()?;
            Ok(ChargeReply::Malformed { length, throttle: reply.throttle()? })
        }
        "unknown" => Ok(ChargeReply::Unknown),
        "enrolled" => Ok(ChargeReply::Enrolled),
        _ => Err(unexpected()),
    }
}

fn spend_arguments(command: &mut Cmd, name: &str, spend: &SpendRequest) {
    command.arg(keys::field(name)).arg(spend.generation()).arg(spend.counter()).arg(spend.next());
    command.arg(spend.drift()).arg(&spend.attempt().as_bytes()[..]);
}

/// Reads the reply to a spend.
fn spent(mut reply: Reply) -> Result<SpendReply, Error> {
    match reply.word()?.as_str() {
        "done" => Ok(SpendReply::Done),
        "replayed" => Ok(SpendReply::Replayed),
        "stale" => Ok(SpendReply::Stale),
        "unknown" => Ok(SpendReply::Unknown),
        _ => Err(unexpected()),
    }
}

impl AsyncStore for Redis {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id.name())).arg(keys::place(id));
            command.arg(entry.record.as_str()).arg(u8::from(entry.hotp));
            command.arg(entry.length).arg(entry.generation).arg(entry.next);
            command.arg(u8::from(entry.confirmed));
        };
        let script = &self.reconnecting.scripts().insert;
        self.reconnecting.run(script, &self.all_keys(id), arguments).await?.done("enrolled")
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let script = &self.reconnecting.scripts().find;
        let mut reply = self.run(script, id, |_| {}).await?;
        match reply.word()?.as_str() {
            "found" => reply.found().map(Some),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let script = &self.reconnecting.scripts().credentials;
        let mut reply = self.run_on_all(script, account, |_| {}).await?;
        match reply.word()?.as_str() {
            "found" => reply.credentials(account),
            "unknown" => Ok(Vec::new()),
            _ => Err(unexpected()),
        }
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        let script = &self.reconnecting.scripts().charge;
        let reply = self.run(script, id, charge_arguments(charge)?).await?;
        charged(reply, |reply| reply.permitted(charge))
    }

    async fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error> {
        let script = &self.reconnecting.scripts().charge_account;
        let reply = self.run_on_all(script, account, charge_arguments(charge)?).await?;
        charged(reply, |reply| reply.all_permitted(account, charge))
    }

    async fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(&attempt.as_bytes()[..]);
        };
        let script = &self.reconnecting.scripts().take_back;
        self.run_on_all(script, account, arguments).await?.done("unknown")
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let scripts = self.reconnecting.scripts();
        let script = if spend.confirms() { &scripts.confirm } else { &scripts.spend };
        let arguments = |command: &mut Cmd| spend_arguments(command, id.name(), spend);
        spent(self.reconnecting.run(script, &self.keys(id), arguments).await?)
    }

    async fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error> {
        if spends.is_empty() {
            return Ok(SpendReply::Unknown);
        }
        let known = self.reconnecting.keys();
        let credentials = spends.iter().map(|(name, _)| known.credential(account, name));
        let keys: Vec<_> =
            [known.schema(), known.account(account)].into_iter().chain(credentials).collect();
        let arguments = |command: &mut Cmd| {
            for (name, spend) in spends {
                spend_arguments(command, name, spend);
            }
        };
        let script = &self.reconnecting.scripts().spend;
        spent(self.reconnecting.run(script, &keys, arguments).await?)
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.run(&self.reconnecting.scripts().reset_drift, id, |_| {}).await?.done("unknown")
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(old.as_str()).arg(new.as_str());
        };
        self.run(&self.reconnecting.scripts().reseal, id, arguments).await?.done("unknown")
    }

    async fn unlock(&self, account: &AccountId) -> Result<bool, Error> {
        let script = &self.reconnecting.scripts().unlock;
        self.run_on_all(script, account, |_| {}).await?.done("unknown")
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id.name())).arg(keys::place(id));
        };
        let script = &self.reconnecting.scripts().remove;
        self.reconnecting.run(script, &self.all_keys(id), arguments).await?.done("unknown")
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let (index, after) = (self.reconnecting.keys().index(), after.map(keys::place));
        let places = self.page(index, after.as_deref(), most).await?;
        places.map(|place| keys::id(place?)).collect()
    }

    async fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error> {
        let script = &self.reconnecting.scripts().revoke_trust;
        self.run_on_all(script, account, |_| {}).await?.done("unknown")
    }

    async fn store_recovery(&self, account: &AccountId, set: &RecoverySet) -> Result<(), Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(set.id().get()).arg(set.key().map(ToString::to_string).unwrap_or_default());
            for digest in set.digests() {
                command.arg(&digest.as_bytes()[..]);
            }
        };
        let script = &self.reconnecting.scripts().store_recovery;
        self.run_on_recovery(script, account, arguments).await?.done("").map(drop)
    }

    async fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error> {
        let script = &self.reconnecting.scripts().recovery;
        let mut reply = self.run_on_recovery(script, account, |_| {}).await?;
        match reply.word()?.as_str() {
            "found" => reply.recovery().map(Some),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error> {
        let script = &self.reconnecting.scripts().charge_recovery;
        let reply = self.run_on_recovery(script, account, charge_arguments(charge)?).await?;
        charged(reply, |reply| reply.recovery_permitted(charge))
    }

    async fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(spend.set().get()).arg(&spend.digest().as_bytes()[..]);
            command.arg(&spend.attempt().as_bytes()[..]);
        };
        let script = &self.reconnecting.scripts().spend_recovery;
        let mut reply = self.run_on_recovery(script, account, arguments).await?;
        match reply.word()?.as_str() {
            "done" => Ok(RecoveryReply::Done { left: reply.left()? }),
            "mismatch" => Ok(RecoveryReply::Mismatch),
            "replayed" => Ok(RecoveryReply::Replayed),
            "stale" => Ok(RecoveryReply::Stale),
            "unknown" => Ok(RecoveryReply::Unknown),
            _ => Err(unexpected()),
        }
    }

    async fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(set.get()).arg(old).arg(new);
        };
        let script = &self.reconnecting.scripts().reseal_recovery;
        self.run_on_recovery(script, account, arguments).await?.done("unknown")
    }

    async fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error> {
        let script = &self.reconnecting.scripts().remove_recovery;
        self.run_on_recovery(script, account, |_| {}).await?.done("unknown")
    }

    async fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        let index = self.reconnecting.keys().recovery_index();
        let places = self.page(index, after.map(AccountId::as_str), most).await?;
        places.map(|place| keys::account(place?)).collect()
    }

    async fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error> {
        self.copy_account(account).await
    }

    async fn restore(&self, copy: &AccountCopy) -> Result<bool, Error> {
        self.restore_account(copy).await
    }
}
