use std::thread;
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::PAUSE;
use super::failure::failure;
use crate::{EngineError, EngineErrorKind, Error};

/// Makes a commit wait for the disk, and SQLite overwrite deleted and replaced data, which may be a
/// key.
pub(super) fn keep_everything(
    connection: &Connection,
    deadline: Option<Instant>,
) -> Result<(), Error> {
    // Another process that opens the file holds it for a moment, and SQLite does not wait here.
    while let Err(error) = connection.pragma_update(None, "journal_mode", "WAL") {
        let is_busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        if !is_busy || deadline.is_none_or(|deadline| Instant::now() >= deadline) {
            return Err(failure(error));
        }
        thread::sleep(PAUSE);
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(failure)?;
    // Apple's systems otherwise leave it to the drive when to write.
    connection.pragma_update(None, "fullfsync", "ON").map_err(failure)?;
    connection.pragma_update(None, "checkpoint_fullfsync", "ON").map_err(failure)?;
    connection.pragma_update(None, "secure_delete", "ON").map_err(failure)?;
    // Otherwise SQLite may plan a cached statement again whenever a parameter changes.
    let stable = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
    connection.set_db_config(stable, true).map_err(failure)?;
    check(connection)
}

/// Checks that the settings took effect: a build of SQLite may lack one.
fn check(connection: &Connection) -> Result<(), Error> {
    let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if mode.map_err(failure)? != "wal" {
        return Err(unsafe_("journal_mode"));
    }
    for (setting, expected) in
        [("synchronous", 2), ("fullfsync", 1), ("checkpoint_fullfsync", 1), ("secure_delete", 1)]
    {
        let value = connection.pragma_query_value(None, setting, |row| row.get::<_, i64>(0));
        if value.map_err(failure)? != expected {
            return Err(unsafe_(setting));
        }
    }
    Ok(())
}

fn unsafe_(setting: &'static str) -> Error {
    EngineError::from(EngineErrorKind::Unsafe(setting)).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use rusqlite::Connection;

    use super::{check, keep_everything};
    use crate::{EngineErrorKind, Error};

    #[test]
    fn weaker_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("otp.db")).unwrap();
        keep_everything(&connection, None).unwrap();
        for (setting, weaker) in [
            ("journal_mode", "DELETE"),
            ("synchronous", "NORMAL"),
            ("synchronous", "OFF"),
            ("fullfsync", "OFF"),
            ("checkpoint_fullfsync", "OFF"),
            ("secure_delete", "OFF"),
        ] {
            connection.pragma_update(None, setting, weaker).unwrap();
            let Err(Error::Engine(error)) = check(&connection) else {
                panic!("{setting} {weaker}")
            };
            assert_eq!(error.kind(), EngineErrorKind::Unsafe(setting));
            keep_everything(&connection, None).unwrap();
            check(&connection).unwrap();
        }
    }

    #[test]
    fn database_in_memory_is_refused() {
        let memory = Connection::open_in_memory().unwrap();
        let Err(Error::Engine(error)) = keep_everything(&memory, None) else { panic!("memory") };
        assert_eq!(error.kind(), EngineErrorKind::Unsafe("journal_mode"));
    }
}
