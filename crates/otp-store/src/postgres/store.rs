//! The statements behind each call of the store.

use core::num::NonZeroU32;

use otp_context::recovery::{RecoverySet, RecoverySetId};
use tokio_postgres::Row;

use super::parameters::{Parameters, parameters};
use super::row::{LONGEST, done, entries, entry, get, recovery, undamaged};
use super::statement::Statement;
use super::{Postgres, TRIES};
use crate::column::{first_counter, signed};
use crate::{
    Account, AccountCopy, AccountId, AsyncStore, AttemptId, ChargeReply, ChargeRequest,
    CredentialId, EngineErrorKind, Entry, Error, RecordText, RecoveryEntry, RecoveryReply,
    RecoverySpend, SpendReply, SpendRequest,
};

impl AsyncStore for Postgres {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        if entry.record.as_str().len() > LONGEST {
            return Err(Error::TooLarge("record"));
        }
        let parameters = parameters![
            id.account().as_str().to_owned(),
            id.name().to_owned(),
            entry.record.as_str().to_owned(),
            entry.hotp,
            i16::from(entry.length),
            signed(entry.generation, "generation")?,
            first_counter(entry.next)?,
            entry.confirmed,
        ];
        self.change(Statement::Insert, id.account(), parameters).await
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let parameters = parameters![id.account().as_str().to_owned(), id.name().to_owned()];
        entry(&self.ask(Statement::Find, id.account(), parameters).await?)
    }

    async fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let parameters = parameters![account.as_str().to_owned()];
        entries(account, &self.rows(Statement::Credentials, Some(account), parameters).await?)
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        for _ in 0..TRIES {
            let mut parameters = charge_parameters(id.account(), charge);
            parameters.extend(parameters![id.name().to_owned(), charge.confirmed()]);
            let row = self.ask(Statement::Charge, id.account(), parameters).await?;
            let Some(entry) = entry(&row)? else { return Ok(ChargeReply::Unknown) };
            if counted(&row)? {
                return Ok(ChargeReply::Permitted(entry));
            }
            let seen = entry.account;
            if let Some(reply) = self.refused(id.account(), seen, entry.charge(charge)).await? {
                return Ok(reply);
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error> {
        for _ in 0..TRIES {
            let parameters = charge_parameters(account, charge);
            let rows = self.rows(Statement::ChargeAccount, Some(account), parameters).await?;
            let mut entries = entries(account, &rows)?;
            let ([row, ..], [(_, first), ..]) = (&rows[..], &entries[..]) else {
                return Ok(ChargeReply::Unknown);
            };
            if counted(row)? {
                entries.retain(|(_, entry)| entry.confirmed && entry.length == charge.length());
                return Ok(ChargeReply::Permitted(entries));
            }
            let (seen, reply) = (first.account, Entry::charge_account(entries, charge));
            if let Some(reply) = self.refused(account, seen, reply).await? {
                return Ok(reply);
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error> {
        let parameters = parameters![account.as_str().to_owned(), attempt.as_bytes().to_vec()];
        self.change(Statement::TakeBack, account, parameters).await
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let next = signed(spend.next(), "counter")?;
        let counter = signed(spend.counter(), "counter")?;
        let generation = generation(spend);
        let attempt = spend.attempt();
        let statement = if spend.confirms() { Statement::Confirm } else { Statement::Spend };
        for _ in 0..TRIES {
            let parameters = parameters![
                id.account().as_str().to_owned(),
                id.name().to_owned(),
                generation,
                counter,
                next,
                spend.drift(),
                attempt.as_bytes().to_vec(),
            ];
            if self.change(statement, id.account(), parameters).await? {
                return Ok(SpendReply::Done);
            }
            let parameters = parameters![
                id.account().as_str().to_owned(),
                id.name().to_owned(),
                generation,
                next,
                attempt.as_bytes().to_vec(),
            ];
            let row = self.ask(Statement::NotSpent, id.account(), parameters).await?;
            if done(&row)? {
                return Ok(SpendReply::Done);
            }
            let Some(mut entry) = entry(&row)? else { return Ok(SpendReply::Unknown) };
            match entry.spend(spend) {
                // Another call came in between.
                SpendReply::Done => {}
                refused => return Ok(refused),
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error> {
        if spends.is_empty() {
            return Ok(SpendReply::Unknown);
        }
        let all = || spends.iter().map(|(_, spend)| spend);
        for next in all().map(SpendRequest::next) {
            signed(next, "counter")?;
        }
        for _ in 0..TRIES {
            let counters = all().map(|spend| signed(spend.counter(), "counter"));
            let parameters = parameters![
                account.as_str().to_owned(),
                spends.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
                all().map(generation).collect::<Vec<_>>(),
                counters.collect::<Result<Vec<_>, _>>()?,
                all().map(|spend| i64::from(spend.drift())).collect::<Vec<_>>(),
                all().map(|spend| spend.attempt().as_bytes().to_vec()).collect::<Vec<_>>(),
            ];
            let rows = self.rows(Statement::SpendAll, Some(account), parameters).await?;
            if done(rows.first().ok_or(EngineErrorKind::Interrupted)?)? {
                return Ok(SpendReply::Done);
            }
            let stored = entries(account, &rows)?;
            let find = |name: &str| stored.iter().find(|(id, _)| id.name() == name);
            let found = spends.iter().map(|(name, spend)| Some((find(name)?.1.clone(), *spend)));
            let Some(mut found) = found.collect::<Option<Vec<_>>>() else {
                return Ok(SpendReply::Unknown);
            };
            match Entry::spend_all(&mut found) {
                // Another call came in between.
                SpendReply::Done => {}
                refused => return Ok(refused),
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        if new.as_str().len() > LONGEST {
            return Err(Error::TooLarge("record"));
        }
        let (account, name) = (id.account().as_str().to_owned(), id.name().to_owned());
        let (old, new) = (old.as_str().to_owned(), new.as_str().to_owned());
        self.change(Statement::Reseal, id.account(), parameters![account, name, old, new]).await
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        let parameters = parameters![id.account().as_str().to_owned(), id.name().to_owned()];
        self.change(Statement::ResetDrift, id.account(), parameters).await
    }

    async fn unlock(&self, account: &AccountId) -> Result<bool, Error> {
        let parameters = parameters![account.as_str().to_owned()];
        let row = self.ask(Statement::Unlock, account, parameters).await?;
        undamaged(&row)?;
        done(&row)
    }

    async fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error> {
        let parameters = parameters![account.as_str().to_owned()];
        let row = self.ask(Statement::RevokeTrust, account, parameters).await?;
        undamaged(&row)?;
        done(&row)
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        // First the credential, and with the last credential its account.
        let account = || parameters![id.account().as_str().to_owned()];
        let both = parameters![id.account().as_str().to_owned(), id.name().to_owned()];
        let changes = vec![
            (Statement::Delete, both),
            (Statement::Hold, account()),
            (Statement::Tidy, account()),
        ];
        self.change_all(id.account(), changes).await
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account().as_str(), id.name()));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let parameters = parameters![account.to_owned(), name.to_owned(), most];
        let rows = self.rows(Statement::List, None, parameters).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            if done(row)? {
                let account: String = get(row, "account", "account")?;
                let name: String = get(row, "name", "account")?;
                let id = CredentialId::new(account).and_then(|id| id.with_name(name));
                ids.push(id.map_err(|_| Error::Corrupt("account"))?);
            }
        }
        Ok(ids)
    }

    async fn store_recovery(&self, account: &AccountId, set: &RecoverySet) -> Result<(), Error> {
        self.store_set(account, set).await
    }

    async fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error> {
        let parameters = parameters![account.as_str().to_owned()];
        recovery(&self.ask(Statement::Recovery, account, parameters).await?)
    }

    async fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error> {
        for _ in 0..TRIES {
            let parameters = charge_parameters(account, charge);
            let row = self.ask(Statement::ChargeRecovery, account, parameters).await?;
            let Some(entry) = recovery(&row)? else { return Ok(ChargeReply::Unknown) };
            if counted(&row)? {
                return Ok(ChargeReply::Permitted(entry));
            }
            let seen = entry.account;
            if let Some(reply) = self.refused(account, seen, entry.charge(charge)).await? {
                return Ok(reply);
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        self.spend_code(account, spend).await
    }

    async fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error> {
        self.reseal_set(account, set, [old, new]).await
    }

    async fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error> {
        self.remove_set(account).await
    }

    async fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        self.list_sets(after, most).await
    }

    async fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error> {
        self.copy_account(account).await
    }

    async fn restore(&self, copy: &AccountCopy) -> Result<bool, Error> {
        self.restore_account(copy).await
    }
}

impl Postgres {
    /// Completes the reply to a charge that the statement did not count, or returns `None` if another
    /// call came in between, so that `seen` is out of date.
    async fn refused<T>(
        &self,
        account: &AccountId,
        seen: Account,
        reply: ChargeReply<T>,
    ) -> Result<Option<ChargeReply<T>>, Error> {
        let current = match &reply {
            ChargeReply::Permitted(_) => false,
            ChargeReply::Locked(new) if *new != seen.throttle => {
                self.clamp(account, &seen, new.lock()).await?
            }
            _ => true,
        };
        Ok(current.then_some(reply))
    }
}

/// Returns whether a charge was counted.
fn counted(row: &Row) -> Result<bool, Error> {
    get(row, "counted", "answer")
}

/// Returns the parameters that both charges begin with.
fn charge_parameters(account: &AccountId, charge: &ChargeRequest) -> Parameters {
    parameters![
        account.as_str().to_owned(),
        i16::from(charge.length()),
        i64::try_from(charge.now().as_secs()).unwrap_or(i64::MAX),
        rules(charge, true),
        rules(charge, false),
        charge.attempt().as_bytes().to_vec(),
    ]
}

/// Returns the step, the limit, the guesses, the budget and the seconds of a lock-out for a type, and
/// then the waits.
fn rules(charge: &ChargeRequest, hotp: bool) -> Vec<i64> {
    let policy = charge.policy(hotp);
    let reopen = policy.reopen_after().map_or(0, NonZeroU32::get);
    let (guesses, budget) = (charge.guesses(hotp), charge.budget(hotp));
    let first = [policy.linear_step(), policy.limit(), guesses, budget, reopen];
    first.iter().chain(policy.backoff()).copied().map(i64::from).collect()
}

/// Returns a generation. A larger one than this cannot be stored, so it is stale.
fn generation(spend: &SpendRequest) -> i64 {
    i64::try_from(spend.generation()).unwrap_or(-1)
}
