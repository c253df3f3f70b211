//! Rows made live through the checked constructors.

use otp_context::Throttle;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::column::{attempt, length, throttle, unsigned};
use crate::{Entry, Error, RecordText};

/// The longest record that is read, in bytes. Ordinary ones have a few hundred. The statements have
/// the same bound.
pub(super) const LONGEST: usize = 0x10_0000;

/// The entry of a row; `None` if there is no such credential.
pub(super) fn entry(row: &Row) -> Result<Option<Entry>, Error> {
    if get::<Option<&str>>(row, "account", "account")?.is_none() {
        return Ok(None);
    }
    let Some(failures) = get(row, "failures", "failures")? else {
        return Err(Error::Corrupt("throttle"));
    };
    Ok(Some(Entry {
        record: RecordText::new(get(row, "record", "record")?),
        hotp: get(row, "hotp", "type")?,
        length: length(get::<i16>(row, "length", "length")?.into())?,
        generation: unsigned(get(row, "generation", "generation")?, "generation")?,
        confirmed: get(row, "confirmed", "confirmation")?,
        next: unsigned(get(row, "next", "counter")?, "counter")?,
        drift: get(row, "drift", "drift")?,
        attempt: attempt(get(row, "attempt", "attempt")?)?,
        throttle: throttle(failures, get(row, "locked_until", "lock")?)?,
    }))
}

/// The throttle that counts an attempt; `None` if it was not counted.
pub(super) fn counted(row: &Row) -> Result<Option<Throttle>, Error> {
    match get(row, "counted_failures", "failures")? {
        Some(failures) => throttle(failures, get(row, "counted_locked_until", "lock")?).map(Some),
        None => Ok(None),
    }
}

/// Whether a statement did what it was asked.
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
