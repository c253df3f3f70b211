//! The statements behind each call of the store.

use otp_context::replay::Throttle;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::failure::failure;
use super::{Sqlite, row};
use crate::column::{first_counter, locked_until, signed};
use crate::{
    AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, LastCharge, RecordText,
    SpendReply, SpendRequest, Store,
};

impl Store for Sqlite {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let (generation, next) =
            (signed(entry.generation, "generation")?, first_counter(entry.next)?);
        self.write(|transaction| {
            transaction
                .execute(
                    "INSERT INTO throttle (account) VALUES (?1) ON CONFLICT DO NOTHING",
                    [id.account()],
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
                        id.account(),
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

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        self.write(|transaction| {
            let Some(entry) = find(transaction, id)? else { return Ok(ChargeReply::Unknown) };
            let (seen, last) = (entry.throttle, entry.last_charge);
            let charged = entry.charge(charge);
            match &charged {
                ChargeReply::Permitted(Entry { throttle, last_charge, .. }) => {
                    store_throttle(transaction, id, *throttle, *last_charge)?;
                }
                ChargeReply::Locked(throttle) if *throttle != seen => {
                    store_throttle(transaction, id, *throttle, last)?;
                }
                _ => {}
            }
            Ok(charged)
        })
    }

    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        // Reads only these columns, so that damage elsewhere in the row does not block it.
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE throttle SET failures = max(failures - 1, 0), locked_until = found_until,
                     charged = NULL, found_until = NULL
                 WHERE account = ?1 AND charged = ?2",
                params![id.account(), attempt.as_bytes()],
            ).map_err(failure)?;
            Ok(changed == 1)
        })
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let next = signed(spend.next(), "counter")?;
        self.write(|transaction| {
            let Some(mut entry) = find(transaction, id)? else { return Ok(SpendReply::Unknown) };
            let spent = entry.spend(spend);
            if spent == SpendReply::Done {
                let mut statement = transaction
                    .prepare_cached(
                        "UPDATE credential SET confirmed = 1, next = ?3, drift = ?4, attempt = ?5
                     WHERE account = ?1 AND name = ?2",
                    )
                    .map_err(failure)?;
                let attempt = spend.attempt();
                statement
                    .execute(params![
                        id.account(),
                        id.name(),
                        next,
                        entry.drift,
                        attempt.as_bytes(),
                    ])
                    .map_err(failure)?;
                store_throttle(transaction, id, entry.throttle, entry.last_charge)?;
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
                    params![id.account(), id.name(), old.as_str(), new.as_str()],
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
                    [id.account(), id.name()],
                )
                .map_err(failure)?;
            Ok(changed == 1)
        })
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.write(|transaction| {
            let changed = transaction
                .execute(
                    "UPDATE throttle SET failures = 0, locked_until = 0, charged = NULL,
                     found_until = NULL
                 WHERE account = ?1",
                    [id.account()],
                )
                .map_err(failure)?;
            if changed == 0 && has_credential(transaction, id)? {
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
                    params![id.account(), id.name()],
                )
                .map_err(failure)?;
            transaction
                .execute(
                    "DELETE FROM throttle WHERE account = ?1 AND NOT EXISTS
                     (SELECT 1 FROM credential WHERE account = ?1)",
                    [id.account()],
                )
                .map_err(failure)?;
            Ok(removed == 1)
        })
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account(), id.name()));
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
}

fn find(connection: &Connection, id: &CredentialId) -> Result<Option<Entry>, Error> {
    let mut statement = connection.prepare_cached(row::SELECT).map_err(failure)?;
    let entry = statement.query_row([id.account(), id.name()], |row| Ok(row::read(row)));
    entry.optional().map_err(failure)?.transpose()
}

/// Writes the throttle and the last charge of an account.
fn store_throttle(
    transaction: &Transaction<'_>,
    id: &CredentialId,
    throttle: Throttle,
    charge: Option<LastCharge>,
) -> Result<(), Error> {
    let mut statement = transaction
        .prepare_cached(
            "UPDATE throttle SET failures = ?2, locked_until = ?3, charged = ?4, found_until = ?5
         WHERE account = ?1",
        )
        .map_err(failure)?;
    statement
        .execute(params![
            id.account(),
            throttle.failures(),
            locked_until(throttle.lock()),
            charge.as_ref().map(|charge| charge.attempt.as_bytes()),
            charge.map(|charge| locked_until(charge.found)),
        ])
        .map_err(failure)?;
    Ok(())
}

fn has_credential(connection: &Connection, id: &CredentialId) -> Result<bool, Error> {
    let statement = connection.prepare_cached("SELECT 1 FROM credential WHERE account = ?1");
    statement.and_then(|mut statement| statement.exists([id.account()])).map_err(failure)
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
