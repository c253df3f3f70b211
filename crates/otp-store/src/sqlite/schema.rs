use rusqlite::{Connection, TransactionBehavior};

use crate::Error;

/// Marks a file as ours: "otpc" in ASCII.
const APPLICATION: i32 = 0x6f74_7063;

/// What leads from each version of the schema to the next, the first from an empty file.
pub(super) const STEPS: &[&str] = &["
CREATE TABLE throttle (
    account      TEXT    PRIMARY KEY,
    failures     INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until INTEGER NOT NULL DEFAULT 0 CHECK (locked_until >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    account    TEXT    NOT NULL REFERENCES throttle,
    name       TEXT    NOT NULL,
    record     TEXT    NOT NULL,
    hotp       INTEGER NOT NULL CHECK (hotp IN (0, 1)),
    length     INTEGER NOT NULL CHECK (length BETWEEN 5 AND 10),
    generation INTEGER NOT NULL CHECK (generation >= 0),
    confirmed  INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
    next       INTEGER NOT NULL CHECK (next >= 0),
    drift      INTEGER NOT NULL DEFAULT 0,
    attempt    BLOB    CHECK (length(attempt) = 16),
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
"];

/// Brings a file to the newest version, in one transaction.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    let version = match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION, version) => usize::try_from(version).map_err(|_| Error::Foreign)?,
        (0, 0) if tables == 0 => 0,
        _ => return Err(Error::Foreign),
    };
    let steps_left = steps.get(version..).ok_or(Error::Newer)?;
    if steps_left.is_empty() {
        return Ok(());
    }
    for step in steps_left {
        transaction.execute_batch(step)?;
    }
    let newest = i32::try_from(steps.len()).map_err(|_| Error::Newer)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rusqlite::Connection;

    use super::migrate;
    use crate::Error;

    #[test]
    fn each_step_is_taken_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE a (x)";
        let second = "ALTER TABLE a ADD COLUMN y";
        migrate(&mut connection, &[first]).unwrap();
        migrate(&mut connection, &[first, second]).unwrap();
        migrate(&mut connection, &[first, second]).unwrap();
        connection.execute_batch("INSERT INTO a (x, y) VALUES (1, 2)").unwrap();
        assert!(matches!(migrate(&mut connection, &[first]), Err(Error::Newer)));
    }

    #[test]
    fn a_step_that_fails_leaves_all_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
        let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "no statement"];
        assert!(migrate(&mut connection, &steps).is_err());
        assert!(connection.execute_batch("SELECT * FROM b").is_err());
        migrate(&mut connection, steps.get(..2).unwrap()).unwrap();
        connection.execute_batch("SELECT * FROM b").unwrap();
    }
}
