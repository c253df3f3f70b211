use rusqlite::Row;
use rusqlite::types::FromSql;

use super::failure::failure;
use crate::column::{attempt, count, last_charge, length, recovery_set, throttle, unsigned};
use crate::{Account, CredentialId, Entry, Error, RecordText};

macro_rules! select {
    () => {
        "SELECT record, hotp, length, generation, confirmed, next, drift, attempt, failures,
            locked_until, guesses, charged, found_until, found_guesses, trust_epoch, recovery_set, name
        FROM credential LEFT JOIN throttle USING (account) WHERE account = ?1"
    };
}

/// Selects the columns that [`read`] expects, for an account and a name.
pub(super) const SELECT: &str = concat!(select!(), " AND name = ?2");

/// Selects those columns and the name, for every credential of an account.
pub(super) const SELECT_ALL: &str = concat!(select!(), " ORDER BY name");

/// Reads an entry from a row through the checked constructors.
pub(super) fn read(row: &Row<'_>) -> Result<Entry, Error> {
    let record = RecordText::new(get(row, 0)?);
    let generation = unsigned(get(row, 3)?, "generation")?;
    let mut entry = Entry::new(record, get(row, 1)?, length(get(row, 2)?)?, generation);
    entry.confirmed = get(row, 4)?;
    entry.next = unsigned(get(row, 5)?, "counter")?;
    entry.drift = i16::try_from(get::<i64>(row, 6)?).map_err(|_| Error::Corrupt("drift"))?;
    entry.attempt = attempt(get::<Option<Vec<u8>>>(row, 7)?.as_deref())?;
    entry.account = account(row, 8)?;
    Ok(entry)
}

/// Reads the state of an account from eight columns.
pub(super) fn account(row: &Row<'_>, place: usize) -> Result<Account, Error> {
    let mut account = Account::default();
    let at = |column: usize| place.saturating_add(column);
    // Without its row the account would lose its failures.
    let failures: Option<i64> = get(row, place)?;
    account.throttle = throttle(failures.ok_or(Error::Corrupt("throttle"))?, get(row, at(1))?)?;
    account.guesses = count(get(row, at(2))?, "guesses")?;
    let charged: Option<Vec<u8>> = get(row, at(3))?;
    account.last_charge = last_charge(charged.as_deref(), get(row, at(4))?, get(row, at(5))?)?;
    account.trust_epoch = unsigned(get(row, at(6))?, "trust")?;
    account.recovery = recovery_set(get(row, at(7))?)?;
    Ok(account)
}

/// Reads a row of [`SELECT_ALL`].
pub(super) fn read_named(id: &CredentialId, row: &Row<'_>) -> Result<(CredentialId, Entry), Error> {
    let id = id.clone().with_name(get::<String>(row, 16)?);
    Ok((id.map_err(|_| Error::Corrupt("name"))?, read(row)?))
}

pub(super) fn get<T: FromSql>(row: &Row<'_>, place: usize) -> Result<T, Error> {
    row.get(place).map_err(failure)
}
