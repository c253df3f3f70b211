use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::failure::failure;
use super::file::missing;
use crate::Error;

/// Marks a file as created by this crate: "otpc" in ASCII.
const APPLICATION: i32 = 0x6f74_7063;

/// The migrations from each version of the schema to the next, the first from an empty file. A
/// migration only adds. From version 2 on the table `schema` names the oldest version that may
/// still write. A migration raises it if older programs may not write any more.
pub(super) const STEPS: &[&str] = &[
    "
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
",
    // The attempt that an account was last charged for, and the lock before that charge. A program
    // of version 1 charges without writing them, so it may not write any more.
    "
ALTER TABLE throttle ADD COLUMN charged BLOB CHECK (length(charged) = 16);
ALTER TABLE throttle ADD COLUMN found_until INTEGER CHECK (found_until >= 0);
CREATE TABLE schema (oldest INTEGER NOT NULL) STRICT;
INSERT INTO schema VALUES (2);
",
    // The guesses of an account, and those before its last charge. An older program does not count
    // them. A failure was compared with three counters, unless the options said otherwise. How
    // often trust was revoked. And sets of recovery codes: the set's id and sealed key, and for each code
    // its digest and the attempt that spent it. An older program removes an account with its last
    // credential.
    "
ALTER TABLE throttle ADD COLUMN guesses INTEGER NOT NULL DEFAULT 0 CHECK (guesses >= 0);
ALTER TABLE throttle ADD COLUMN found_guesses INTEGER CHECK (found_guesses >= 0);
UPDATE throttle SET guesses = min(failures * 3, 4294967295), charged = NULL, found_until = NULL;
ALTER TABLE throttle ADD COLUMN trust_epoch INTEGER NOT NULL DEFAULT 0 CHECK (trust_epoch >= 0);
ALTER TABLE throttle ADD COLUMN recovery_set INTEGER CHECK (recovery_set >= 0);
ALTER TABLE throttle ADD COLUMN recovery_key TEXT;
CREATE INDEX recovery_account ON throttle (account) WHERE recovery_set IS NOT NULL;
CREATE TABLE recovery (
    account TEXT NOT NULL REFERENCES throttle,
    digest  BLOB NOT NULL CHECK (length(digest) = 32),
    attempt BLOB CHECK (length(attempt) = 16),
    PRIMARY KEY (account, digest)
) STRICT, WITHOUT ROWID;
UPDATE schema SET oldest = 3;
",
];

/// Refuses a file of another origin, and one to which only newer programs may write.
pub(super) fn check(connection: &Connection, path: &Path, steps: &[&str]) -> Result<(), Error> {
    let needed = version_of(steps)?;
    match version(connection)? {
        0 => Err(missing(path)),
        found if found < needed => Err(Error::Outdated { found, needed }),
        found if found == needed => Ok(()),
        _ => {
            let oldest: u32 = connection
                .query_row("SELECT oldest FROM schema", [], |row| row.get(0))
                .map_err(|_| Error::Newer)?;
            if oldest <= needed { Ok(()) } else { Err(Error::Newer) }
        }
    }
}

/// Creates the tables in an empty file. Does not change any other file.
pub(super) fn create(connection: &mut Connection, steps: &[&str]) -> Result<(), Error> {
    let transaction = begin(connection)?;
    if version(&transaction)? == 0 { take(transaction, 0, steps) } else { Ok(()) }
}

/// Migrates a file to the newest version, in one transaction.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    steps: &[&str],
) -> Result<(), Error> {
    let transaction = begin(connection)?;
    match version(&transaction)? {
        0 => Err(missing(path)),
        found if found < version_of(steps)? => take(transaction, found, steps),
        _ => check(&transaction, path, steps),
    }
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, Error> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)
}

fn take(transaction: Transaction<'_>, version: u32, steps: &[&str]) -> Result<(), Error> {
    let taken = usize::try_from(version).unwrap_or(usize::MAX);
    for step in steps.iter().skip(taken) {
        transaction.execute_batch(step).map_err(failure)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(failure)?;
    transaction.pragma_update(None, "user_version", version_of(steps)?).map_err(failure)?;
    transaction.commit().map_err(failure)
}

/// Returns the version after all migrations.
fn version_of(steps: &[&str]) -> Result<u32, Error> {
    u32::try_from(steps.len()).map_err(|_| Error::Newer)
}

/// Returns the version of a file, or 0 if it is empty.
fn version(connection: &Connection) -> Result<u32, Error> {
    let pragma = |name| {
        let value = connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        value.map_err(failure)
    };
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(failure)?;
    match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION, version) if version > 0 => u32::try_from(version).map_err(|_| Error::Foreign),
        (0, 0) if tables == 0 => Ok(0),
        _ => Err(Error::Foreign),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use rusqlite::Connection;

    use super::{STEPS, check, create, migrate};
    use crate::Error;

    const FIRST: &str = "CREATE TABLE a (x)";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y; CREATE TABLE schema (oldest INTEGER);
        INSERT INTO schema VALUES (1)";

    fn path() -> &'static Path {
        Path::new("otp.db")
    }

    #[test]
    fn each_migration_runs_once_in_order_and_only_when_asked() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(matches!(check(&connection, path(), &[FIRST]), Err(Error::Missing(_))));
        assert!(matches!(migrate(&mut connection, path(), &[FIRST]), Err(Error::Missing(_))));
        create(&mut connection, &[FIRST]).unwrap();
        create(&mut connection, &[FIRST, SECOND]).unwrap();
        let outdated = check(&connection, path(), &[FIRST, SECOND]);
        assert!(matches!(outdated, Err(Error::Outdated { found: 1, needed: 2 })));
        migrate(&mut connection, path(), &[FIRST, SECOND]).unwrap();
        migrate(&mut connection, path(), &[FIRST, SECOND]).unwrap();
        check(&connection, path(), &[FIRST, SECOND]).unwrap();
        connection.execute_batch("INSERT INTO a (x, y) VALUES (1, 2)").unwrap();
    }

    #[test]
    fn newer_schema_opens_as_long_as_this_version_may_write() {
        let mut connection = Connection::open_in_memory().unwrap();
        create(&mut connection, &[FIRST, SECOND]).unwrap();
        check(&connection, path(), &[FIRST]).unwrap();
        migrate(&mut connection, path(), &[FIRST]).unwrap();
        connection.execute_batch("UPDATE schema SET oldest = 2").unwrap();
        assert!(matches!(check(&connection, path(), &[FIRST]), Err(Error::Newer)));
        assert!(matches!(migrate(&mut connection, path(), &[FIRST]), Err(Error::Newer)));
    }

    #[test]
    fn failed_migration_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        create(&mut connection, &[FIRST]).unwrap();
        let steps = [FIRST, "CREATE TABLE b (x)", "no statement"];
        assert!(migrate(&mut connection, path(), &steps).is_err());
        assert!(connection.execute_batch("SELECT * FROM b").is_err());
        migrate(&mut connection, path(), steps.get(..2).unwrap()).unwrap();
        connection.execute_batch("SELECT * FROM b").unwrap();
    }

    #[test]
    fn failures_of_schema_2_become_guesses() {
        let mut connection = Connection::open_in_memory().unwrap();
        create(&mut connection, STEPS.get(..2).unwrap()).unwrap();
        let row = "INSERT INTO throttle VALUES ('alice', 5, 9, zeroblob(16), 8), ('bob', 0, 0, NULL, NULL)";
        connection.execute_batch(row).unwrap();
        migrate(&mut connection, path(), STEPS).unwrap();
        let rows =
            "SELECT count(*) FROM throttle WHERE (account, failures, locked_until, guesses) IN
            (VALUES ('alice', 5, 9, 15), ('bob', 0, 0, 0)) AND charged IS NULL
            AND found_until IS NULL AND found_guesses IS NULL";
        assert_eq!(connection.query_row(rows, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
        assert!(matches!(check(&connection, path(), STEPS.get(..2).unwrap()), Err(Error::Newer)));
    }
}
