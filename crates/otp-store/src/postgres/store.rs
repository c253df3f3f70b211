//! The statements behind each call of the store.

use otp_context::replay::ThrottlePolicy;
use tokio::time::timeout;

use super::parameters::parameters;
use super::row::{LONGEST, counted, done, entry, get};
use super::share::Stage;
use super::statement::Statement;
use super::{Postgres, TRIES, answered, see_through};
use crate::column::{first_counter, signed};
use crate::{
    AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, EngineErrorKind, Entry, Error,
    RecordText, SpendReply, SpendRequest,
};

impl AsyncStore for Postgres {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        if entry.record.as_str().len() > LONGEST {
            return Err(Error::TooLarge("record"));
        }
        let parameters = parameters![
            id.account().to_owned(),
            id.name().to_owned(),
            entry.record.as_str().to_owned(),
            entry.hotp,
            i16::from(entry.length),
            signed(entry.generation, "generation")?,
            first_counter(entry.next)?,
            entry.confirmed,
        ];
        self.change(Statement::Insert, id, parameters).await
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let parameters = parameters![id.account().to_owned(), id.name().to_owned()];
        entry(&self.ask(Statement::Find, id, parameters).await?)
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        let now = i64::try_from(charge.now().as_secs()).unwrap_or(i64::MAX);
        let (hotp, totp) = (charge.hotp_policy(), charge.totp_policy());
        for _ in 0..TRIES {
            let parameters = parameters![
                id.account().to_owned(),
                id.name().to_owned(),
                charge.confirmed(),
                i16::from(charge.length()),
                now,
                waits(hotp),
                i64::from(hotp.linear_step()),
                i64::from(hotp.limit()),
                waits(totp),
                i64::from(totp.linear_step()),
                i64::from(totp.limit()),
                charge.attempt().as_bytes().to_vec(),
            ];
            let row = self.ask(Statement::Charge, id, parameters).await?;
            let Some(mut entry) = entry(&row)? else { return Ok(ChargeReply::Unknown) };
            if counted(&row, &mut entry, charge.attempt())? {
                return Ok(ChargeReply::Permitted(entry));
            }
            let seen = entry.throttle;
            match entry.charge(charge) {
                // Another call came in between, so the throttle is out of date.
                ChargeReply::Permitted(_) => {}
                ChargeReply::Locked(throttle) if throttle != seen => {
                    if self.clamp(id, seen.lock(), throttle.lock()).await? {
                        return Ok(ChargeReply::Locked(throttle));
                    }
                }
                refused => return Ok(refused),
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        let parameters = parameters![id.account().to_owned(), attempt.as_bytes().to_vec()];
        self.change(Statement::TakeBack, id, parameters).await
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let next = signed(spend.next(), "counter")?;
        let counter = signed(spend.counter(), "counter")?;
        // A larger generation cannot be stored, so it is stale.
        let generation = i64::try_from(spend.generation()).unwrap_or(-1);
        let attempt = spend.attempt();
        for _ in 0..TRIES {
            let parameters = parameters![
                id.account().to_owned(),
                id.name().to_owned(),
                generation,
                counter,
                next,
                spend.drift(),
                attempt.as_bytes().to_vec(),
                spend.confirms(),
            ];
            if self.change(Statement::Spend, id, parameters).await? {
                return Ok(SpendReply::Done);
            }
            let parameters = parameters![
                id.account().to_owned(),
                id.name().to_owned(),
                generation,
                next,
                attempt.as_bytes().to_vec(),
            ];
            let row = self.ask(Statement::NotSpent, id, parameters).await?;
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

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        if new.as_str().len() > LONGEST {
            return Err(Error::TooLarge("record"));
        }
        let (account, name) = (id.account().to_owned(), id.name().to_owned());
        let (old, new) = (old.as_str().to_owned(), new.as_str().to_owned());
        self.change(Statement::Reseal, id, parameters![account, name, old, new]).await
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        let parameters = parameters![id.account().to_owned(), id.name().to_owned()];
        self.change(Statement::ResetDrift, id, parameters).await
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let row = self.ask(Statement::Unlock, id, parameters![id.account().to_owned()]).await?;
        if get(&row, "damaged", "throttle")? {
            return Err(Error::Corrupt("throttle"));
        }
        done(&row)
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let (share, mut connection) = self.share(Stage::Begins, Some(id.account())).await?;
        let (pool, patience, id) = (self.pool.clone(), self.patience(), id.clone());
        see_through(async move {
            let answer = timeout(patience, connection.remove(&id)).await;
            let removed = answered(connection, &pool, answer);
            drop(share);
            removed
        })
        .await
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account(), id.name()));
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
}

/// Returns the waits of a policy, in seconds.
fn waits(policy: &ThrottlePolicy) -> Vec<i64> {
    policy.backoff().iter().copied().map(i64::from).collect()
}
