//! Reads rows through the checked constructors.

use otp_context::recovery::RecoverySetId;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::column::{attempt, count, last_charge, length, recovery_set, throttle, unsigned};
use crate::{Account, AccountId, CredentialId, Entry, Error, RecordText, RecoveryEntry};

/// The longest record that is read, in bytes. Ordinary records have a few hundred. The statements
/// have this bound, too.
pub(super) const LONGEST: usize = 0x10_0000;
/// The longest sealed key of a set of recovery codes that is read, in bytes. Ordinary keys have about
/// two hundred.
pub(super) const LONGEST_KEY: usize = 1024;

/// Reads the entry of a row, or returns `None` if the credential does not exist.
pub(super) fn entry(row: &Row) -> Result<Option<Entry>, Error> {
    if get::<Option<&str>>(row, "account", "account")?.is_none() {
        return Ok(None);
    }
    let record = RecordText::new(get(row, "record", "record")?);
    let length = length(get::<i16>(row, "length", "length")?.into())?;
    let generation = unsigned(get(row, "generation", "generation")?, "generation")?;
    let mut entry = Entry::new(record, get(row, "hotp", "type")?, length, generation);
    entry.confirmed = get(row, "confirmed", "confirmation")?;
    entry.next = unsigned(get(row, "next", "counter")?, "counter")?;
    entry.drift = get(row, "drift", "drift")?;
    entry.attempt = attempt(get(row, "attempt", "attempt")?)?;
    entry.account = account(row)?;
    Ok(Some(entry))
}

/// Reads the state of an account.
fn account(row: &Row) -> Result<Account, Error> {
    let mut account = Account::default();
    // Without its row the account would lose its failures.
    let failures: Option<i64> = get(row, "failures", "failures")?;
    let locked_until = get::<Option<i64>>(row, "locked_until", "lock")?;
    let (failures, locked_until) = failures.zip(locked_until).ok_or(Error::Corrupt("throttle"))?;
    account.throttle = throttle(failures, locked_until)?;
    account.guesses = count(get(row, "guesses", "guesses")?, "guesses")?;
    let charged = get(row, "charged", "charge")?;
    let found = get(row, "found_until", "charge")?;
    account.last_charge = last_charge(charged, found, get(row, "found_guesses", "charge")?)?;
    account.trust_epoch = unsigned(get(row, "trust_epoch", "trust")?, "trust")?;
    account.recovery = recovery_set(get(row, "recovery_set", "set")?)?;
    Ok(account)
}

/// Reads the set of recovery codes of a row, or returns `None` if the account has no set.
pub(super) fn recovery(row: &Row) -> Result<Option<RecoveryEntry>, Error> {
    let Some(set) = set(row)? else { return Ok(None) };
    let left = count(get(row, "codes", "codes")?, "codes")?;
    let mut entry = RecoveryEntry::new(set, get(row, "recovery_key", "recovery key")?, left);
    entry.account = account(row)?;
    Ok(Some(entry))
}

/// Reads the id of an account's set, if it has a set.
pub(super) fn set(row: &Row) -> Result<Option<RecoverySetId>, Error> {
    undamaged(row)?;
    recovery_set(get(row, "recovery_set", "set")?)
}

/// Checks that no row of an account is missing.
pub(super) fn undamaged(row: &Row) -> Result<(), Error> {
    if get(row, "damaged", "throttle")? { Err(Error::Corrupt("throttle")) } else { Ok(()) }
}

/// Reads the credentials of an account, one a row.
pub(super) fn entries(
    account: &AccountId,
    rows: &[Row],
) -> Result<Vec<(CredentialId, Entry)>, Error> {
    let id = CredentialId::from(account.clone());
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(entry) = entry(row)? {
            let id = id.clone().with_name(get::<&str>(row, "name", "name")?);
            entries.push((id.map_err(|_| Error::Corrupt("name"))?, entry));
        }
    }
    Ok(entries)
}

/// Returns whether a statement made its change.
pub(super) fn done(row: &Row) -> Result<bool, Error> {
    get(row, "done", "answer")
}

pub(super) fn get<'a, T: FromSql<'a>>(
    row: &'a Row,
    column: &str,
    part: &'static str,
) -> Result<T, Error> {
    row.try_get(column).map_err(|_| Error::Corrupt(part))
}
