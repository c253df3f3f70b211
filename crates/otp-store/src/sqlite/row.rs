use rusqlite::Row;
use rusqlite::types::FromSql;

use super::failure::failure;
use crate::column::{attempt, last_charge, length, throttle, unsigned};
use crate::{Entry, Error, RecordText};

/// The columns that [`read`] expects, for an account and a name.
pub(super) const SELECT: &str = "
SELECT record, hotp, length, generation, confirmed, next, drift, attempt, failures, locked_until,
    charged, found_until
FROM credential LEFT JOIN throttle USING (account) WHERE account = ?1 AND name = ?2";

/// Reads an entry from a row through the checked constructors.
pub(super) fn read(row: &Row<'_>) -> Result<Entry, Error> {
    let record = RecordText::new(get(row, 0)?);
    let generation = unsigned(get(row, 3)?, "generation")?;
    let mut entry = Entry::new(record, get(row, 1)?, length(get(row, 2)?)?, generation);
    entry.confirmed = get(row, 4)?;
    entry.next = unsigned(get(row, 5)?, "counter")?;
    entry.drift = i16::try_from(get::<i64>(row, 6)?).map_err(|_| Error::Corrupt("drift"))?;
    entry.attempt = attempt(get::<Option<Vec<u8>>>(row, 7)?.as_deref())?;
    // Without its row the account would lose its failures.
    let failures: Option<i64> = get(row, 8)?;
    entry.throttle = throttle(failures.ok_or(Error::Corrupt("throttle"))?, get(row, 9)?)?;
    let charged: Option<Vec<u8>> = get(row, 10)?;
    entry.last_charge = last_charge(charged.as_deref(), get(row, 11)?)?;
    Ok(entry)
}

fn get<T: FromSql>(row: &Row<'_>, place: usize) -> Result<T, Error> {
    row.get(place).map_err(failure)
}
