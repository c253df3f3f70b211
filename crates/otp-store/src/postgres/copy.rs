//! The statements behind the calls on whole accounts.

use otp_context::recovery::RecoveryDigest;
use tokio_postgres::Row;

use super::Postgres;
use super::parameters::parameters;
use super::row::{LONGEST, LONGEST_KEY, entries, get, recovery};
use super::statement::Statement;
use crate::column::{attempt, locked_until, signed};
use crate::{AccountCopy, AccountId, AttemptId, EngineErrorKind, Error, RecoveryCopy};

impl Postgres {
    pub(super) async fn copy_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<AccountCopy>, Error> {
        let parameters = parameters![account.as_str().to_owned()];
        let rows = self.rows(Statement::Copy, Some(account), parameters).await?;
        let row = rows.first().ok_or(EngineErrorKind::Interrupted)?;
        let credentials = entries(account, &rows)?;
        let set = recovery(row)?;
        let state = credentials.first().map(|(_, entry)| entry.account);
        let state = state.or(set.as_ref().map(|set| set.account)).unwrap_or_default();
        let recovery = match set {
            Some(set) => Some(RecoveryCopy::new(set.key, codes(row)?)),
            None => None,
        };
        AccountCopy::new(account.clone(), state, credentials, recovery)
    }

    pub(super) async fn restore_account(&self, copy: &AccountCopy) -> Result<bool, Error> {
        let state = copy.account();
        let last = state.last_charge;
        let number = |value: Option<u32>| value.map_or(-1, i64::from);
        let account = vec![
            state.throttle.failures().into(),
            locked_until(state.throttle.lock()),
            state.guesses.into(),
            last.map_or(-1, |charge| locked_until(charge.found)),
            number(last.map(|charge| charge.guesses)),
            signed(state.trust_epoch, "trust")?,
            state.recovery.map_or(Ok(-1), |set| signed(set.get(), "set"))?,
        ];
        let (mut names, mut records, mut numbers, mut spenders) = (vec![], vec![], vec![], vec![]);
        for (id, entry) in copy.credentials() {
            if entry.record.as_str().len() > LONGEST {
                return Err(Error::TooLarge("record"));
            }
            names.push(id.name().to_owned());
            records.push(entry.record.as_str().to_owned());
            numbers.extend([
                entry.hotp.into(),
                entry.length.into(),
                signed(entry.generation, "generation")?,
                entry.confirmed.into(),
                signed(entry.next, "counter")?,
                entry.drift.into(),
            ]);
            spenders.push(bytes(entry.attempt));
        }
        let key = copy.recovery().map(|recovery| recovery.key.clone()).unwrap_or_default();
        if key.len() > LONGEST_KEY {
            return Err(Error::TooLarge("recovery key"));
        }
        let codes = copy.recovery().map_or(&[][..], |recovery| &recovery.codes);
        let parameters = parameters![
            copy.id().as_str().to_owned(),
            account,
            bytes(last.map(|charge| charge.attempt)),
            key,
            names,
            records,
            numbers,
            spenders,
            codes.iter().map(|(digest, _)| digest.as_bytes().to_vec()).collect::<Vec<_>>(),
            codes.iter().map(|(_, attempt)| bytes(*attempt)).collect::<Vec<_>>(),
        ];
        self.change(Statement::Restore, copy.id(), parameters).await
    }
}

/// Returns an attempt as a column, which is empty for none.
fn bytes(attempt: Option<AttemptId>) -> Vec<u8> {
    attempt.map(|attempt| attempt.as_bytes().to_vec()).unwrap_or_default()
}

/// Reads the codes of a row.
fn codes(row: &Row) -> Result<Vec<(RecoveryDigest, Option<AttemptId>)>, Error> {
    let digests: Option<Vec<&[u8]>> = get(row, "digests", "codes")?;
    let attempts: Option<Vec<Option<&[u8]>>> = get(row, "attempts", "codes")?;
    let codes = digests.unwrap_or_default().into_iter().zip(attempts.unwrap_or_default());
    let code = |(digest, by): (&[u8], Option<&[u8]>)| {
        let digest = digest.try_into().map_err(|_| Error::Corrupt("codes"))?;
        Ok((RecoveryDigest::new(digest), attempt(by)?))
    };
    codes.map(code).collect()
}
