mod file;
mod row;
mod schema;
mod settings;
mod turn;

use core::time::Duration;
use std::path::Path;
use std::thread;
use std::time::Instant;

use otp_context::{Advance, Charge, Throttle};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use self::turn::{Turn, Turns};
use crate::column::{locked_until, signed};
use crate::{
    Advanced, Charged, CredentialId, Durability, EngineError, EngineErrorKind, Entry, Error,
    RecordText, Store,
};

/// How long a call waits for others, in this process and in others.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long between two looks while another process writes. SQLite's own way waits for up to a tenth
/// of a second while others come and go.
const PAUSE: Duration = Duration::from_millis(1);

/// Credentials and what is spent of them, in one SQLite file that several processes may share.
///
/// Every change is a committed transaction of its own, on disk before the call returns (`WAL`,
/// `synchronous=FULL`), and what is removed or replaced is overwritten. The file must lie on a local
/// disk. It is created for its owner alone, and refused if others can reach it, or put another in its
/// place: if it is a symbolic link, or if group or others may write to its folder. The folders above that are not looked at, nor whose they
/// all are, so a process that may open everybody's files must not be pointed at somebody else's.
///
/// One connection carries the calls of all threads, one after another. A call that gets no turn
/// within five seconds, because of them or of other processes, is an error.
#[derive(Debug)]
pub struct Sqlite {
    turns: Turns<Connection>,
}

impl Sqlite {
    /// What it promises.
    pub const DURABILITY: Durability = Durability::Disk;

    /// Opens a database, or creates it with mode 0600.
    ///
    /// # Errors
    ///
    /// - [`Error::File`]: the file cannot be created or looked at.
    /// - [`Error::Permissions`]: others than the owner can reach the file, or write to its folder.
    /// - [`Error::Foreign`]: it is something else than a database of this library.
    /// - [`Error::Link`]: it is a symbolic link.
    /// - [`Error::Newer`]: a newer version of this library wrote it.
    /// - [`Error::Engine`]: the database is damaged, busy for five seconds, or may only be
    ///   read; or this build of SQLite lacks a setting that the store needs.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        file::create_private(path)?;
        // SQLite would take `file:…` for a URI, which may name another file than the one just
        // looked at, and `:memory:` for none.
        let mut connection = Connection::open(Path::new(".").join(path))?;
        let deadline = deadline();
        wait_until(&mut connection, deadline)?;
        schema::migrate(&mut connection, schema::STEPS)?;
        settings::keep_everything(&connection, deadline)?;
        Ok(Self { turns: Turns::new(connection) })
    }

    fn connection(&self) -> Result<Turn<'_, Connection>, Error> {
        let deadline = deadline();
        let turn = self.turns.take(PATIENCE);
        let mut connection = turn.ok_or_else(|| EngineError::from(EngineErrorKind::Busy))?;
        wait_until(&mut connection, deadline)?;
        Ok(connection)
    }

    /// Runs a transaction that keeps other writers out from its beginning.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection = self.connection()?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Store for Sqlite {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let (generation, next) =
            (signed(entry.generation, "generation")?, signed(entry.next, "counter")?);
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO throttle (account) VALUES (?1) ON CONFLICT DO NOTHING",
                [id.account()],
            )?;
            let stored = transaction.execute(
                "INSERT INTO credential
                     (account, name, record, hotp, length, generation, next, confirmed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET
                     record = excluded.record, hotp = excluded.hotp, length = excluded.length,
                     generation = excluded.generation, next = excluded.next,
                     confirmed = excluded.confirmed, drift = 0, attempt = NULL
                 WHERE confirmed = 0",
                params![
                    id.account(),
                    id.name(),
                    entry.record.as_str(),
                    entry.hotp,
                    entry.length,
                    generation,
                    next,
                    entry.confirmed,
                ],
            )?;
            Ok(stored == 1)
        })
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        find(&*self.connection()?, id)
    }

    fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        self.write(|transaction| {
            let Some(entry) = find(transaction, id)? else { return Ok(Charged::Unknown) };
            let seen = entry.throttle;
            let charged = entry.charge(charge);
            if let Charged::Permitted(Entry { throttle, .. }) | Charged::Locked(throttle) = &charged
                && *throttle != seen
            {
                store_throttle(transaction, id, *throttle)?;
            }
            Ok(charged)
        })
    }

    fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let next = signed(advance.next(), "counter")?;
        self.write(|transaction| {
            let Some(mut entry) = find(transaction, id)? else { return Ok(Advanced::Unknown) };
            let advanced = entry.advance(advance);
            if advanced == Advanced::Done {
                let mut statement = transaction.prepare_cached(
                    "UPDATE credential SET confirmed = 1, next = ?3, drift = ?4, attempt = ?5
                     WHERE account = ?1 AND name = ?2",
                )?;
                let attempt = advance.attempt();
                statement.execute(params![
                    id.account(),
                    id.name(),
                    next,
                    entry.drift,
                    attempt.as_bytes(),
                ])?;
                store_throttle(transaction, id, entry.throttle)?;
            }
            Ok(advanced)
        })
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        let changed = self.connection()?.execute(
            "UPDATE credential SET record = ?4 WHERE account = ?1 AND name = ?2 AND record = ?3",
            params![id.account(), id.name(), old.as_str(), new.as_str()],
        )?;
        Ok(changed == 1)
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let changed = self.connection()?.execute(
            "UPDATE throttle SET failures = 0, locked_until = 0 WHERE account = ?1",
            [id.account()],
        )?;
        Ok(changed == 1)
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        self.write(|transaction| {
            let removed = transaction.execute(
                "DELETE FROM credential WHERE account = ?1 AND name = ?2",
                params![id.account(), id.name()],
            )?;
            transaction.execute(
                "DELETE FROM throttle WHERE account = ?1 AND NOT EXISTS
                     (SELECT 1 FROM credential WHERE account = ?1)",
                [id.account()],
            )?;
            Ok(removed == 1)
        })
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let connection = self.connection()?;
        let mut statement = connection.prepare_cached(
            "SELECT account, name FROM credential WHERE (account, name) > (?1, ?2)
             ORDER BY account, name LIMIT ?3",
        )?;
        let (account, name) = after.map_or(("", ""), |id| (id.account(), id.name()));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![account, name, most], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (account, name) = row?;
            let id = CredentialId::new(account).and_then(|id| id.with_name(name));
            id.map_err(|_| Error::Corrupt("account"))
        })
        .collect()
    }
}

fn deadline() -> Option<Instant> {
    Instant::now().checked_add(PATIENCE)
}

/// Lets a connection wait for other processes, but no longer.
fn wait_until(connection: &mut Connection, deadline: Option<Instant>) -> rusqlite::Result<()> {
    connection.busy_handler(Some(move |_| {
        thread::sleep(PAUSE);
        deadline.is_some_and(|deadline| Instant::now() < deadline)
    }))
}

fn find(connection: &Connection, id: &CredentialId) -> Result<Option<Entry>, Error> {
    let mut statement = connection.prepare_cached(row::SELECT)?;
    let entry = statement.query_row([id.account(), id.name()], |row| Ok(row::read(row)));
    entry.optional()?.transpose()
}

fn store_throttle(
    transaction: &Transaction<'_>,
    id: &CredentialId,
    throttle: Throttle,
) -> Result<(), Error> {
    let mut statement = transaction.prepare_cached(
        "UPDATE throttle SET failures = ?2, locked_until = ?3 WHERE account = ?1",
    )?;
    let until = locked_until(throttle.lock());
    statement.execute(params![id.account(), throttle.failures(), until])?;
    Ok(())
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

        let is = |code| error.sqlite_error().is_some_and(|error| error.extended_code == code);
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => return Self::Foreign,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineErrorKind::Busy,
            Some(ErrorCode::DiskFull) => EngineErrorKind::Full,
            // It makes the file by which processes share the log.
            Some(ErrorCode::SystemIoFailure) if is(SQLITE_IOERR_SHMSIZE) => EngineErrorKind::Full,
            Some(ErrorCode::ReadOnly) => EngineErrorKind::ReadOnly,
            Some(ErrorCode::CannotOpen) => EngineErrorKind::Unreachable,
            Some(ErrorCode::DatabaseCorrupt) => EngineErrorKind::Damaged,
            Some(ErrorCode::PermissionDenied) => EngineErrorKind::Denied,
            _ => EngineErrorKind::Other,
        };
        EngineError::new(kind, error).into()
    }
}
