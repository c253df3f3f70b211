use rusqlite::Row;

use crate::column::{attempt, length, throttle, unsigned};
use crate::{Entry, Error, RecordText};

/// What [`read`] expects, for an account and a name.
pub(super) const SELECT: &str = "
SELECT record, hotp, length, generation, confirmed, next, drift, attempt, failures, locked_until
FROM credential JOIN throttle USING (account) WHERE account = ?1 AND name = ?2";

/// An entry, made of a row through the checked constructors.
pub(super) fn read(row: &Row<'_>) -> Result<Entry, Error> {
    Ok(Entry {
        record: RecordText::new(row.get(0)?),
        hotp: row.get(1)?,
        length: length(row.get(2)?)?,
        generation: unsigned(row.get(3)?, "generation")?,
        confirmed: row.get(4)?,
        next: unsigned(row.get(5)?, "counter")?,
        drift: i16::try_from(row.get::<_, i64>(6)?).map_err(|_| Error::Corrupt("drift"))?,
        attempt: attempt(row.get::<_, Option<Vec<u8>>>(7)?.as_deref())?,
        throttle: throttle(row.get(8)?, row.get(9)?)?,
    })
}
