//! Rows made live through the checked constructors.

use otp_context::Throttle;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::column::{attempt, length, throttle, unsigned};
use crate::{Entry, Error, RecordText};

/// An entry, of the first ten columns.
pub(super) fn entry(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        record: RecordText::new(get(row, 0, "record")?),
        hotp: get(row, 1, "type")?,
        length: length(get::<i16>(row, 2, "length")?.into())?,
        generation: unsigned(get(row, 3, "generation")?, "generation")?,
        confirmed: get(row, 4, "confirmation")?,
        next: unsigned(get(row, 5, "counter")?, "counter")?,
        drift: get(row, 6, "drift")?,
        attempt: attempt(get(row, 7, "attempt")?)?,
        throttle: throttle(get(row, 8, "failures")?, get(row, 9, "lock")?)?,
    })
}

/// The throttle that counts an attempt, of the two columns after; `None` if it was not counted.
pub(super) fn counted(row: &Row) -> Result<Option<Throttle>, Error> {
    match get(row, 10, "failures")? {
        Some(failures) => throttle(failures, get(row, 11, "lock")?).map(Some),
        None => Ok(None),
    }
}

pub(super) fn get<'a, T: FromSql<'a>>(
    row: &'a Row,
    place: usize,
    part: &'static str,
) -> Result<T, Error> {
    row.try_get(place).map_err(|_| Error::Corrupt(part))
}
