//! The statements behind each call on recovery codes.

use otp_context::recovery::{RecoverySet, RecoverySetId};
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::failure;
use super::row::{account, get};
use crate::column::{count, signed};
use crate::{AccountId, Error, RecoveryEntry, RecoveryReply, RecoverySpend};

const SELECT: &str = "
SELECT failures, locked_until, guesses, charged, found_until, found_guesses, trust_epoch,
    recovery_set, recovery_key, (SELECT count(*) FROM recovery WHERE account = ?1 AND attempt IS NULL)
FROM throttle WHERE account = ?1 AND recovery_set IS NOT NULL";

pub(super) fn store(
    connection: &Connection,
    account: &AccountId,
    set: &RecoverySet,
) -> Result<(), Error> {
    let key = set.key().map(ToString::to_string).unwrap_or_default();
    let id = signed(set.id().get(), "set")?;
    connection
        .execute(
            "INSERT INTO throttle (account, recovery_set, recovery_key) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET recovery_set = excluded.recovery_set,
                 recovery_key = excluded.recovery_key",
            params![account.as_str(), id, key],
        )
        .map_err(failure)?;
    forget(connection, account)?;
    for digest in set.digests() {
        connection
            .execute(
                "INSERT INTO recovery (account, digest) VALUES (?1, ?2)",
                params![account.as_str(), digest.as_bytes()],
            )
            .map_err(failure)?;
    }
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    id: &AccountId,
) -> Result<Option<RecoveryEntry>, Error> {
    let mut statement = connection.prepare_cached(SELECT).map_err(failure)?;
    let found = statement.query_row([id.as_str()], |row| {
        Ok(account(row, 0).and_then(|account| {
            let set = account.recovery.ok_or(Error::Corrupt("set"))?;
            let left = count(get(row, 9)?, "codes")?;
            let key = get::<Option<String>>(row, 8)?.ok_or(Error::Corrupt("recovery key"))?;
            Ok(RecoveryEntry { account, ..RecoveryEntry::new(set, key, left) })
        }))
    });
    found.optional().map_err(failure)?.transpose()
}

/// Spends a code. Returns the reply, and whether it is new: then the state of the account is cleared.
pub(super) fn spend(
    connection: &Connection,
    account: &AccountId,
    spend: &RecoverySpend,
) -> Result<(RecoveryReply, bool), Error> {
    let Some(entry) = find(connection, account)? else {
        return Ok((RecoveryReply::Unknown, false));
    };
    if entry.set != spend.set() {
        return Ok((RecoveryReply::Stale, false));
    }
    let (digest, attempt) = (spend.digest().as_bytes(), spend.attempt());
    let mut statement = connection
        .prepare_cached("SELECT attempt FROM recovery WHERE account = ?1 AND digest = ?2")
        .map_err(failure)?;
    let found = statement.query_row(params![account.as_str(), digest], |row| row.get(0));
    let found: Option<Option<Vec<u8>>> = found.optional().map_err(failure)?;
    match found {
        None => Ok((RecoveryReply::Mismatch, false)),
        Some(Some(by)) if by != attempt.as_bytes() => Ok((RecoveryReply::Replayed, false)),
        Some(Some(_)) => Ok((RecoveryReply::Done { left: entry.left }, false)),
        Some(None) => {
            let text = "UPDATE recovery SET attempt = ?3 WHERE account = ?1 AND digest = ?2";
            let mut statement = connection.prepare_cached(text).map_err(failure)?;
            statement
                .execute(params![account.as_str(), digest, attempt.as_bytes()])
                .map_err(failure)?;
            let left = entry.left.saturating_sub(1);
            Ok((RecoveryReply::Done { left }, true))
        }
    }
}

pub(super) fn reseal(
    connection: &Connection,
    account: &AccountId,
    set: RecoverySetId,
    [old, new]: [&str; 2],
) -> Result<bool, Error> {
    let changed = connection
        .execute(
            "UPDATE throttle SET recovery_key = ?4
             WHERE account = ?1 AND recovery_set = ?2 AND recovery_key = ?3",
            params![account.as_str(), signed(set.get(), "set")?, old, new],
        )
        .map_err(failure)?;
    Ok(changed == 1)
}

pub(super) fn remove(connection: &Connection, account: &AccountId) -> Result<bool, Error> {
    let changed = connection
        .execute(
            "UPDATE throttle SET recovery_set = NULL, recovery_key = NULL
             WHERE account = ?1 AND recovery_set IS NOT NULL",
            [account.as_str()],
        )
        .map_err(failure)?;
    forget(connection, account)?;
    Ok(changed == 1)
}

pub(super) fn list(
    connection: &Connection,
    after: Option<&AccountId>,
    most: usize,
) -> Result<Vec<AccountId>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = connection
        .prepare_cached(
            "SELECT account FROM throttle WHERE recovery_set IS NOT NULL AND account > ?1
             ORDER BY account LIMIT ?2",
        )
        .map_err(failure)?;
    let after = after.map_or("", AccountId::as_str);
    let rows = statement.query_map(params![after, most], |row| row.get::<_, String>(0));
    rows.map_err(failure)?
        .map(|row| AccountId::new(row.map_err(failure)?).map_err(|_| Error::Corrupt("account")))
        .collect()
}

/// Deletes the codes of an account.
fn forget(connection: &Connection, account: &AccountId) -> Result<(), Error> {
    connection
        .execute("DELETE FROM recovery WHERE account = ?1", [account.as_str()])
        .map_err(failure)
        .map(drop)
}
