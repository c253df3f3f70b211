//! The statements behind each call of the store.

use otp_context::recovery::{RecoverySet, RecoverySetId};
use rusqlite::{Connection, OptionalExtension, params};

use super::account::{clear_account, delete_empty, has_credential, store_account, store_counter};
use super::failure::failure;
use super::{Sqlite, copy, recovery, row};
use crate::column::{first_counter, signed};
use crate::{
    AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    RecordText, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply, SpendRequest, Store,
};

impl Store for Sqlite {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let (generation, next) =
            (signed(entry.generation, "generation")?, first_counter(entry.next)?);
        self.write(|transaction| {
            transaction
                .execute(
                    "INSERT INTO throttle (account) VALUES (?1) ON CONFLICT DO NOTHING",
                    [id.account().as_str()],
                )
                .map_err(failure)?;
            // Only a change by hand leaves an unconfirmed credential with a drift or an attempt.
            let stored = transaction
                .execute(
                    "INSERT INTO credential
                     (account, name, record, hotp, length, generation, next, confirmed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET
                     record = excluded.record, hotp = excluded.hotp, length = excluded.length,
                     generation = excluded.generation, next = excluded.next,
                     confirmed = excluded.confirmed, drift = 0, attempt = NULL
                 WHERE confirmed = 0",
                    params![
                        id.account().as_str(),
                        id.name(),
                        entry.record.as_str(),
                        entry.hotp,
                        entry.length,
                        generation,
                        next,
                        entry.confirmed,
                    ],
                )
                .map_err(failure)?;
            Ok(stored == 1)
        })
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.ask(|connection| find(connection, id))
    }

    fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Entry)>, Error> {
        self.ask(|connection| find_all(connection, account))
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        self.write(|transaction| {
            let Some(entry) = find(transaction, id)? else { return Ok(ChargeReply::Unknown) };
            let found = entry.account;
            let charged = entry.charge(charge);
            let new = charged.account(found, |entry| entry.account);
            store_account(transaction, id.account(), found, new)?;
            Ok(charged)
        })
    }

    fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error> {
        self.write(|transaction| {
            let entries = find_all(transaction, account)?;
            let found = entries.first().map(|(_, entry)| entry.account).unwrap_or_default();
            let charged = Entry::charge_account(entries, charge);
            let new = charged.account(found, |entries| {
                entries.first().map_or(found, |(_, entry)| entry.account)
            });
            store_account(transaction, account, found, new)?;
            Ok(charged)
        })
    }

    fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error> {
        // Reads only these columns, so that damage elsewhere in the row does not block it.
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE throttle SET failures = max(failures - 1, 0), locked_until = found_until,
                     guesses = found_guesses, charged = NULL, found_until = NULL,
                     found_guesses = NULL
                 WHERE account = ?1 AND charged = ?2",
                params![account.as_str(), attempt.as_bytes()],
            ).map_err(failure)?;
            Ok(changed == 1)
        })
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        signed(spend.next(), "counter")?;
        self.write(|transaction| {
            let Some(mut entry) = find(transaction, id)? else { return Ok(SpendReply::Unknown) };
            let found = entry.account;
            let spent = entry.spend(spend);
            if spent == SpendReply::Done {
                store_counter(transaction, id.account(), id.name(), &entry)?;
                store_account(transaction, id.account(), found, entry.account)?;
            }
            Ok(spent)
        })
    }

    fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error> {
        for (_, spend) in spends {
            signed(spend.next(), "counter")?;
        }
        self.write(|transaction| {
            let stored = find_all(transaction, account)?;
            let find = |name: &str| stored.iter().find(|(id, _)| id.name() == name);
            let entries = spends.iter().map(|(name, spend)| Some((find(name)?.1.clone(), *spend)));
            let Some(mut entries) = entries.collect::<Option<Vec<_>>>() else {
                return Ok(SpendReply::Unknown);
            };
            let spent = Entry::spend_all(&mut entries);
            for ((name, _), (entry, _)) in spends.iter().zip(&entries) {
                store_counter(transaction, account, name, entry)?;
            }
            if let ([(_, old), ..], [(new, _), ..]) = (&stored[..], &entries[..]) {
                store_account(transaction, account, old.account, new.account)?;
            }
            Ok(spent)
        })
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        self.ask(|connection| {
            let changed = connection
                .execute(
                    "UPDATE credential SET record = ?4
                 WHERE account = ?1 AND name = ?2 AND record = ?3",
                    params![id.account().as_str(), id.name(), old.as_str(), new.as_str()],
                )
                .map_err(failure)?;
            Ok(changed == 1)
        })
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.ask(|connection| {
            let changed = connection
                .execute(
                    "UPDATE credential SET drift = 0 WHERE account = ?1 AND name = ?2",
                    [id.account().as_str(), id.name()],
                )
                .map_err(failure)?;
            Ok(changed == 1)
        })
    }

    fn unlock(&self, account: &AccountId) -> Result<bool, Error> {
        self.write(|transaction| {
            let changed = clear_account(transaction, account)?;
            if changed == 0 && has_credential(transaction, account)? {
                return Err(Error::Corrupt("throttle"));
            }
            Ok(changed == 1)
        })
    }

    fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error> {
        self.write(|transaction| {
            let text = "UPDATE throttle SET trust_epoch = trust_epoch + 1 WHERE account = ?1";
            let changed = transaction.execute(text, [account.as_str()]).map_err(failure)?;
            if changed == 0 && has_credential(transaction, account)? {
                return Err(Error::Corrupt("throttle"));
            }
            Ok(changed == 1)
        })
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        self.write(|transaction| {
            let removed = transaction
                .execute(
                    "DELETE FROM credential WHERE account = ?1 AND name = ?2",
                    params![id.account().as_str(), id.name()],
                )
                .map_err(failure)?;
            delete_empty(transaction, id.account())?;
            Ok(removed == 1)
        })
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account().as_str(), id.name()));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.ask(|connection| {
            // The primary key happens to give this order. ORDER BY guarantees it.
            let mut statement = connection
                .prepare_cached(
                    "SELECT account, name FROM credential WHERE (account, name) > (?1, ?2)
                 ORDER BY account, name LIMIT ?3",
                )
                .map_err(failure)?;
            let rows = statement.query_map(params![account, name, most], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            });
            rows.map_err(failure)?
                .map(|row| {
                    let (account, name) = row.map_err(failure)?;
                    let id = CredentialId::new(account).and_then(|id| id.with_name(name));
                    id.map_err(|_| Error::Corrupt("account"))
                })
                .collect()
        })
    }

    fn store_recovery(&self, account: &AccountId, set: &RecoverySet) -> Result<(), Error> {
        self.write(|transaction| recovery::store(transaction, account, set))
    }

    fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error> {
        self.ask(|connection| recovery::find(connection, account))
    }

    fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error> {
        self.write(|transaction| {
            let Some(entry) = recovery::find(transaction, account)? else {
                return Ok(ChargeReply::Unknown);
            };
            let found = entry.account;
            let charged = entry.charge(charge);
            let new = charged.account(found, |entry| entry.account);
            store_account(transaction, account, found, new)?;
            Ok(charged)
        })
    }

    fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        self.write(|transaction| {
            let (reply, new) = recovery::spend(transaction, account, spend)?;
            if new {
                clear_account(transaction, account)?;
            }
            Ok(reply)
        })
    }

    fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error> {
        self.ask(|connection| recovery::reseal(connection, account, set, [old, new]))
    }

    fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error> {
        self.write(|transaction| {
            let removed = recovery::remove(transaction, account)?;
            delete_empty(transaction, account)?;
            Ok(removed)
        })
    }

    fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        self.ask(|connection| recovery::list(connection, after, most))
    }

    fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error> {
        self.ask(|connection| copy::copy(connection, account))
    }

    fn restore(&self, copy: &AccountCopy) -> Result<bool, Error> {
        self.write(|transaction| copy::restore(transaction, copy))
    }
}

fn find(connection: &Connection, id: &CredentialId) -> Result<Option<Entry>, Error> {
    let mut statement = connection.prepare_cached(row::SELECT).map_err(failure)?;
    let entry = statement.query_row([id.account().as_str(), id.name()], |row| Ok(row::read(row)));
    entry.optional().map_err(failure)?.transpose()
}

pub(super) fn find_all(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<(CredentialId, Entry)>, Error> {
    let mut statement = connection.prepare_cached(row::SELECT_ALL).map_err(failure)?;
    let id = CredentialId::from(account.clone());
    let rows = statement.query_map([account.as_str()], |row| Ok(row::read_named(&id, row)));
    rows.map_err(failure)?.map(|row| row.map_err(failure)?).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rusqlite::StatementStatus;

    use super::{Sqlite, row};
    use crate::{CredentialId, Entry, RecordText, Store};

    #[test]
    fn statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::create(folder.path().join("otp.db")).unwrap();
        for account in ["a", "b", "c"] {
            assert_eq!(store.find(&CredentialId::new(account).unwrap()).unwrap(), None);
        }
        let connection = store.connection().unwrap();
        let statement = connection.prepare_cached(row::SELECT).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 3);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }

    /// Reverses every order that a statement does not ask for.
    #[test]
    fn sqlite_list_asks_for_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::create(folder.path().join("otp.db")).unwrap();
        let setting = "reverse_unordered_selects";
        store.connection().unwrap().pragma_update(None, setting, "ON").unwrap();
        let ids = ["a", "b", "c"].map(|account| CredentialId::new(account).unwrap());
        for id in &ids {
            let entry = Entry::new(RecordText::new("{}".to_owned()), false, 6, 1);
            assert!(store.insert(id, &entry).unwrap());
        }
        assert_eq!(store.list(None, 9).unwrap(), ids);
    }
}
