//! Changes of an account and its counters.

use rusqlite::{Connection, Transaction, params};

use super::failure::failure;
use crate::column::{locked_until, signed};
use crate::{Account, AccountId, AttemptId, Entry, Error};

/// Writes the counter of a credential, and what else a spend changes.
pub(super) fn store_counter(
    transaction: &Transaction<'_>,
    account: &AccountId,
    name: &str,
    entry: &Entry,
) -> Result<(), Error> {
    let mut statement = transaction
        .prepare_cached(
            "UPDATE credential SET confirmed = ?3, next = ?4, drift = ?5, attempt = ?6
         WHERE account = ?1 AND name = ?2",
        )
        .map_err(failure)?;
    statement
        .execute(params![
            account.as_str(),
            name,
            entry.confirmed,
            signed(entry.next, "counter")?,
            entry.drift,
            entry.attempt.as_ref().map(AttemptId::as_bytes),
        ])
        .map_err(failure)?;
    Ok(())
}

/// Writes the state of an account, if it changed.
pub(super) fn store_account(
    transaction: &Transaction<'_>,
    account: &AccountId,
    old: Account,
    new: Account,
) -> Result<(), Error> {
    if old == new {
        return Ok(());
    }
    let mut statement = transaction
        .prepare_cached(
            "UPDATE throttle SET failures = ?2, locked_until = ?3, guesses = ?4, charged = ?5,
             found_until = ?6, found_guesses = ?7
         WHERE account = ?1",
        )
        .map_err(failure)?;
    let last = new.last_charge.as_ref();
    statement
        .execute(params![
            account.as_str(),
            new.throttle.failures(),
            locked_until(new.throttle.lock()),
            new.guesses,
            last.map(|charge| charge.attempt.as_bytes()),
            last.map(|charge| locked_until(charge.found)),
            last.map(|charge| charge.guesses),
        ])
        .map_err(failure)?;
    Ok(())
}

/// Clears the state of an account. Returns the number of accounts: 0 or 1.
pub(super) fn clear_account(
    transaction: &Transaction<'_>,
    account: &AccountId,
) -> Result<usize, Error> {
    let text = "UPDATE throttle SET failures = 0, locked_until = 0, guesses = 0, charged = NULL,
        found_until = NULL, found_guesses = NULL WHERE account = ?1";
    transaction.execute(text, [account.as_str()]).map_err(failure)
}

/// Deletes an account that has neither a credential nor recovery codes.
pub(super) fn delete_empty(
    transaction: &Transaction<'_>,
    account: &AccountId,
) -> Result<(), Error> {
    let text = "DELETE FROM throttle WHERE account = ?1 AND recovery_set IS NULL
        AND NOT EXISTS (SELECT 1 FROM credential WHERE account = ?1)";
    transaction.execute(text, [account.as_str()]).map_err(failure).map(drop)
}

pub(super) fn has_credential(connection: &Connection, account: &AccountId) -> Result<bool, Error> {
    let statement = connection.prepare_cached("SELECT 1 FROM credential WHERE account = ?1");
    statement.and_then(|mut statement| statement.exists([account.as_str()])).map_err(failure)
}
