//! Whole accounts.

use otp_context::recovery::RecoveryDigest;
use rusqlite::{Connection, Transaction, params};

use super::failure::failure;
use super::recovery;
use super::row::get;
use super::store::find_all;
use crate::column::{attempt, locked_until, signed};
use crate::{AccountCopy, AccountId, AttemptId, Error, RecoveryCopy, RecoveryEntry};

pub(super) fn copy(
    connection: &Connection,
    account: &AccountId,
) -> Result<Option<AccountCopy>, Error> {
    // All reads see one moment.
    let transaction = connection.unchecked_transaction().map_err(failure)?;
    let credentials = find_all(&transaction, account)?;
    let set = recovery::find(&transaction, account)?;
    let state = credentials.first().map(|(_, entry)| entry.account);
    let state = state.or(set.as_ref().map(|set| set.account)).unwrap_or_default();
    let codes = set.map(|set| codes(&transaction, account, set)).transpose()?;
    AccountCopy::new(account.clone(), state, credentials, codes)
}

fn codes(
    connection: &Connection,
    account: &AccountId,
    set: RecoveryEntry,
) -> Result<RecoveryCopy, Error> {
    let text = "SELECT digest, attempt FROM recovery WHERE account = ?1";
    let mut statement = connection.prepare_cached(text).map_err(failure)?;
    let rows = statement.query_map([account.as_str()], |row| {
        Ok(get::<[u8; 32]>(row, 0).and_then(|digest| {
            let by = attempt(get::<Option<Vec<u8>>>(row, 1)?.as_deref())?;
            Ok((RecoveryDigest::new(digest), by))
        }))
    });
    let codes = rows.map_err(failure)?.map(|row| row.map_err(failure)?);
    Ok(RecoveryCopy::new(set.key, codes.collect::<Result<_, _>>()?))
}

/// Stores a copy. Returns `false` if the account exists.
pub(super) fn restore(transaction: &Transaction<'_>, copy: &AccountCopy) -> Result<bool, Error> {
    let (account, state) = (copy.id().as_str(), copy.account());
    let last = state.last_charge.as_ref();
    let set = state.recovery.map(|set| signed(set.get(), "set")).transpose()?;
    let new = transaction
        .execute(
            "INSERT INTO throttle (account, failures, locked_until, guesses, charged, found_until,
                 found_guesses, trust_epoch, recovery_set, recovery_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
            params![
                account,
                state.throttle.failures(),
                locked_until(state.throttle.lock()),
                state.guesses,
                last.map(|charge| charge.attempt.as_bytes()),
                last.map(|charge| locked_until(charge.found)),
                last.map(|charge| charge.guesses),
                signed(state.trust_epoch, "trust")?,
                set,
                copy.recovery().map(|recovery| &recovery.key),
            ],
        )
        .map_err(failure)?;
    if new == 0 {
        return Ok(false);
    }
    for (id, entry) in copy.credentials() {
        transaction
            .execute(
                "INSERT INTO credential (account, name, record, hotp, length, generation, confirmed,
                     next, drift, attempt)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    account,
                    id.name(),
                    entry.record.as_str(),
                    entry.hotp,
                    entry.length,
                    signed(entry.generation, "generation")?,
                    entry.confirmed,
                    signed(entry.next, "counter")?,
                    entry.drift,
                    entry.attempt.as_ref().map(AttemptId::as_bytes),
                ],
            )
            .map_err(failure)?;
    }
    for (digest, by) in copy.recovery().iter().flat_map(|recovery| &recovery.codes) {
        let by = by.as_ref().map(AttemptId::as_bytes);
        let text = "INSERT INTO recovery (account, digest, attempt) VALUES (?1, ?2, ?3)";
        transaction.execute(text, params![account, digest.as_bytes(), by]).map_err(failure)?;
    }
    Ok(true)
}
