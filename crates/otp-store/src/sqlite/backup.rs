use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::failure::failure;
use super::{file, schema};
use crate::column::unsigned;
use crate::{EngineError, EngineErrorKind, Error};

/// The contents of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    pub(super) accounts: u64,
    pub(super) credentials: u64,
}

impl Backup {
    /// Returns the number of accounts.
    #[must_use]
    pub const fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Returns the number of credentials.
    #[must_use]
    pub const fn credentials(&self) -> u64 {
        self.credentials
    }

    /// Counts the rows of a database.
    fn count(connection: &Connection) -> Result<Self, Error> {
        let count = |table| -> Result<u64, Error> {
            let statement = format!("SELECT count(*) FROM {table}");
            let count = connection.query_row(&statement, [], |row| row.get(0));
            unsigned(count.map_err(failure)?, "count")
        };
        Ok(Self { accounts: count("throttle")?, credentials: count("credential")? })
    }
}

/// Copies the database of a connection to a new file, which gets its name once it is complete.
pub(super) fn write(connection: &Connection, path: &Path) -> Result<Backup, Error> {
    file::check_folder(path)?;
    // Created here with mode 0600. SQLite accepts an empty file and fills it.
    let copy = tempfile::NamedTempFile::new_in(file::folder(path))?;
    let before = Backup::count(connection)?;
    let name =
        copy.path().to_str().ok_or(Error::File(std::io::ErrorKind::InvalidFilename.into()))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(failure)?;
    let unchanged = before == Backup::count(connection)?;
    let backup = check(copy.path())?;
    if unchanged && backup != before {
        return Err(EngineError::from(EngineErrorKind::Damaged).into());
    }
    copy.as_file().sync_all()?;
    copy.persist_noclobber(path).map_err(|error| error.error)?;
    file::sync_folder(path)?;
    Ok(backup)
}

/// Verifies the whole copy.
fn check(path: &Path) -> Result<Backup, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(path, flags).map_err(failure)?;
    let sound = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    if sound.map_err(failure)? != "ok" {
        return Err(EngineError::from(EngineErrorKind::Damaged).into());
    }
    schema::check(&connection, path, schema::STEPS)?;
    Backup::count(&connection)
}
