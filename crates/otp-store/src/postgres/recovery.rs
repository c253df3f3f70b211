//! The statements behind the calls on recovery codes.

use otp_context::recovery::{RecoveryDigest, RecoverySet, RecoverySetId};

use super::Postgres;
use super::parameters::parameters;
use super::row::{LONGEST_KEY, done, get, set};
use super::statement::Statement;
use crate::column::{count, signed};
use crate::{AccountId, Error, RecoveryReply, RecoverySpend};

impl Postgres {
    pub(super) async fn store_set(
        &self,
        account: &AccountId,
        set: &RecoverySet,
    ) -> Result<(), Error> {
        let key = set.key().map(ToString::to_string).unwrap_or_default();
        if key.len() > LONGEST_KEY {
            return Err(Error::TooLarge("recovery key"));
        }
        let (id, account_text) = (signed(set.id().get(), "set")?, account.as_str().to_owned());
        let digests = set.digests().iter().flat_map(RecoveryDigest::as_bytes).copied();
        let changes = vec![
            (Statement::StoreRecovery, parameters![account_text.clone(), id, key]),
            (Statement::StoreCodes, parameters![account_text, digests.collect::<Vec<u8>>()]),
        ];
        self.change_all(account, changes).await.map(drop)
    }

    pub(super) async fn spend_code(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        let parameters = parameters![
            account.as_str().to_owned(),
            // A larger id than this cannot be stored, so it is stale.
            i64::try_from(spend.set().get()).unwrap_or(-1),
            spend.digest().as_bytes().to_vec(),
            spend.attempt().as_bytes().to_vec(),
        ];
        let row = self.ask(Statement::SpendRecovery, account, parameters).await?;
        Ok(match set(&row)? {
            None => RecoveryReply::Unknown,
            Some(set) if set != spend.set() => RecoveryReply::Stale,
            Some(_) if done(&row)? => {
                RecoveryReply::Done { left: count(get(&row, "codes", "codes")?, "codes")? }
            }
            Some(_) if get(&row, "found", "answer")? => RecoveryReply::Replayed,
            Some(_) => RecoveryReply::Mismatch,
        })
    }

    pub(super) async fn reseal_set(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        [old, new]: [&str; 2],
    ) -> Result<bool, Error> {
        if new.len() > LONGEST_KEY {
            return Err(Error::TooLarge("recovery key"));
        }
        let (id, account_text) = (signed(set.get(), "set")?, account.as_str().to_owned());
        let parameters = parameters![account_text, id, old.to_owned(), new.to_owned()];
        self.change(Statement::ResealRecovery, account, parameters).await
    }

    pub(super) async fn remove_set(&self, account: &AccountId) -> Result<bool, Error> {
        let id = || parameters![account.as_str().to_owned()];
        // First the set, then its codes, and the account if it has no credential.
        let changes = vec![(Statement::RemoveRecovery, id()), (Statement::Tidy, id())];
        self.change_all(account, changes).await
    }

    pub(super) async fn list_sets(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        let after = after.map_or("", AccountId::as_str).to_owned();
        let parameters = parameters![after, i64::try_from(most).unwrap_or(i64::MAX)];
        let rows = self.rows(Statement::ListRecovery, None, parameters).await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            if done(row)? {
                let account: String = get(row, "account", "account")?;
                accounts.push(AccountId::new(account).map_err(|_| Error::Corrupt("account"))?);
            }
        }
        Ok(accounts)
    }
}

#[cfg(all(test, feature = "server-tests"))]
mod server_tests;
