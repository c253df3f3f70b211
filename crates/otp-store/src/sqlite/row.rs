use rusqlite::Row;

use crate::column::{attempt, last_charge, length, throttle, unsigned};
use crate::{Entry, Error, RecordText};

/// What [`read`] expects, for an account and a name.
pub(super) const SELECT: &str = "
SELECT record, hotp, length, generation, confirmed, next, drift, attempt, failures, locked_until,
    charged, found_until
FROM credential LEFT JOIN throttle USING (account) WHERE account = ?1 AND name = ?2";

/// An entry, made of a row through the checked constructors.
pub(super) fn read(row: &Row<'_>) -> Result<Entry, Error> {
    let record = RecordText::new(row.get(0)?);
    let generation = unsigned(row.get(3)?, "generation")?;
    let mut entry = Entry::new(record, row.get(1)?, length(row.get(2)?)?, generation);
    entry.confirmed = row.get(4)?;
    entry.next = unsigned(row.get(5)?, "counter")?;
    entry.drift = i16::try_from(row.get::<_, i64>(6)?).map_err(|_| Error::Corrupt("drift"))?;
    entry.attempt = attempt(row.get::<_, Option<Vec<u8>>>(7)?.as_deref())?;
    // Without the row the account would forget its failures.
    let failures: Option<i64> = row.get(8)?;
    entry.throttle = throttle(failures.ok_or(Error::Corrupt("throttle"))?, row.get(9)?)?;
    let charged: Option<Vec<u8>> = row.get(10)?;
    entry.last_charge = last_charge(charged.as_deref(), row.get(11)?)?;
    Ok(entry)
}
