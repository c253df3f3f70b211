//! Reads rows through the checked constructors.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::column::{attempt, last_charge, length, throttle, unsigned};
use crate::{AttemptId, Entry, Error, RecordText};

/// The longest record that is read, in bytes. Ordinary records have a few hundred. The statements
/// have this bound, too.
pub(super) const LONGEST: usize = 0x10_0000;

/// Reads the entry of a row, or returns `None` if the credential does not exist.
pub(super) fn entry(row: &Row) -> Result<Option<Entry>, Error> {
    if get::<Option<&str>>(row, "account", "account")?.is_none() {
        return Ok(None);
    }
    let Some(failures) = get(row, "failures", "failures")? else {
        return Err(Error::Corrupt("throttle"));
    };
    let record = RecordText::new(get(row, "record", "record")?);
    let length = length(get::<i16>(row, "length", "length")?.into())?;
    let generation = unsigned(get(row, "generation", "generation")?, "generation")?;
    let mut entry = Entry::new(record, get(row, "hotp", "type")?, length, generation);
    entry.confirmed = get(row, "confirmed", "confirmation")?;
    entry.next = unsigned(get(row, "next", "counter")?, "counter")?;
    entry.drift = get(row, "drift", "drift")?;
    entry.attempt = attempt(get(row, "attempt", "attempt")?)?;
    entry.throttle = throttle(failures, get(row, "locked_until", "lock")?)?;
    let found = get(row, "found_until", "charge")?;
    entry.last_charge = last_charge(get(row, "charged", "charge")?, found)?;
    Ok(Some(entry))
}

/// Stores the throttle and charge of a counted attempt in the entry. Returns whether it was
/// counted.
pub(super) fn counted(row: &Row, entry: &mut Entry, attempt: AttemptId) -> Result<bool, Error> {
    let Some(failures) = get(row, "counted_failures", "failures")? else { return Ok(false) };
    entry.throttle = throttle(failures, get(row, "counted_locked_until", "lock")?)?;
    let found = get(row, "counted_found_until", "charge")?;
    entry.last_charge = last_charge(Some(attempt.as_bytes()), found)?;
    Ok(true)
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
