use core::time::Duration;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_context::{Locked, Permit, Policy, Throttle};
use otp_core::UnixTime;
use otp_uri::KeyUri;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::row::{COLUMNS, Credential, Parameters, locked_until, signed};
use crate::{CredentialId, Error, Status};

/// Marks a file as ours: "otps" in ASCII.
const APPLICATION: i32 = 0x6f74_7073;
const SCHEMA: i32 = 1;

const CREATE: &str = "
CREATE TABLE credential (
    id           TEXT    PRIMARY KEY,
    type         TEXT    NOT NULL CHECK (type IN ('totp', 'hotp', 'steam')),
    algorithm    TEXT    NOT NULL,
    digits       INTEGER,
    period       INTEGER,
    secret       BLOB    NOT NULL CHECK (length(secret) > 0),
    generation   INTEGER NOT NULL,
    confirmed    INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    next         INTEGER NOT NULL CHECK (next >= 0),
    failures     INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until INTEGER NOT NULL DEFAULT 0 CHECK (locked_until >= 0)
) STRICT, WITHOUT ROWID;
";

/// Credentials and what is spent of them, in one SQLite file that several processes may share.
///
/// Every change is a committed transaction of its own, on disk before the call returns (`WAL`,
/// `synchronous=FULL`). The file must lie on a local disk. Keys are stored as they are, so it is
/// created for its owner alone and refused if others can reach it.
#[derive(Debug)]
pub struct Sqlite {
    connection: Mutex<Connection>,
}

impl Sqlite {
    /// Opens a database, or creates it with mode 0600.
    ///
    /// # Errors
    ///
    /// - [`Error::File`]: the file cannot be created or looked at.
    /// - [`Error::Permissions`]: others than the owner can reach the file.
    /// - [`Error::Foreign`]: it is something else than a database of this library.
    /// - [`Error::Newer`]: a newer version of this library wrote it.
    /// - [`Error::Sqlite`]: the database is damaged, busy for five seconds or not writable.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        create_private(path)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        migrate(&mut connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What is deleted or replaced may be a key.
        connection.pragma_update(None, "secure_delete", "ON")?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Stores a new credential, which verifies nothing until its first code confirms it.
    ///
    /// One that was never confirmed is replaced.
    ///
    /// # Errors
    ///
    /// - [`Error::Enrolled`]: the id has a confirmed credential.
    /// - [`Error::TooLarge`]: the counter or period does not fit.
    /// - [`Error::Sqlite`]: the database failed.
    pub fn enroll(&self, id: &CredentialId, uri: &KeyUri) -> Result<(), Error> {
        let parameters = Parameters::of(uri)?;
        let stored = self.connection().execute(
            "INSERT INTO credential (id, type, algorithm, digits, period, secret, generation,
                                     confirmed, next)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0, ?7)
             ON CONFLICT (id) DO UPDATE SET
                 type = excluded.type, algorithm = excluded.algorithm, digits = excluded.digits,
                 period = excluded.period, secret = excluded.secret,
                 generation = generation + 1, next = excluded.next
             WHERE confirmed = 0",
            params![
                id.as_str(),
                parameters.kind,
                parameters.algorithm,
                parameters.digits,
                parameters.period,
                uri.secret().reveal(),
                parameters.next,
            ],
        )?;
        if stored == 1 { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Where a credential stands.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - [`Error::Corrupt`], [`Error::Sqlite`]: it cannot be read.
    pub fn status(&self, id: &CredentialId) -> Result<Status, Error> {
        Ok(self.load(id)?.ok_or(Error::Unknown)?.status)
    }

    pub(crate) fn load(&self, id: &CredentialId) -> Result<Option<Credential>, Error> {
        load(&self.connection(), id)
    }

    /// Counts an attempt as failed, before anything is evaluated, in a transaction of its own.
    ///
    /// `None` if the credential is gone or another by now.
    pub(crate) fn charge(
        &self,
        id: &CredentialId,
        generation: i64,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<Option<Charged>, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(credential) =
            load(&transaction, id)?.filter(|stored| stored.generation == generation)
        else {
            return Ok(None);
        };
        let mut throttle = credential.status.throttle;
        let permit = throttle.charge(policy, now);
        transaction.execute(
            "UPDATE credential SET failures = ?2, locked_until = ?3 WHERE id = ?1",
            params![id.as_str(), throttle.failures(), locked_until(throttle.lock())],
        )?;
        transaction.commit()?;
        Ok(Some(Charged { permit, throttle }))
    }

    /// Spends a counter and every lower one, and clears the failures; the write decides.
    ///
    /// `false` if the counter was spent meanwhile, or the credential replaced.
    pub(crate) fn advance(
        &self,
        id: &CredentialId,
        generation: i64,
        counter: u64,
    ) -> Result<bool, Error> {
        let counter = signed(counter, "counter")?;
        let next = counter.checked_add(1).ok_or(Error::TooLarge("counter"))?;
        let changed = self.connection().execute(
            "UPDATE credential SET next = ?4, failures = 0, locked_until = 0, confirmed = 1
             WHERE id = ?1 AND generation = ?2 AND next <= ?3",
            params![id.as_str(), generation, counter, next],
        )?;
        Ok(changed == 1)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half-done statement behind: transactions roll back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a charge did.
pub(crate) struct Charged {
    /// Leave to evaluate the code, or not.
    pub(crate) permit: Result<Permit, Locked>,
    /// The state that was stored.
    pub(crate) throttle: Throttle,
}

fn load(connection: &Connection, id: &CredentialId) -> Result<Option<Credential>, Error> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM credential WHERE id = ?1"))?;
    statement.query_row([id.as_str()], |row| Ok(Credential::read(row))).optional()?.transpose()
}

fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION, SCHEMA) => return Ok(()),
        (APPLICATION, newer) if newer > SCHEMA => return Err(Error::Newer),
        (0, 0) if tables == 0 => {}
        _ => return Err(Error::Foreign),
    }
    transaction.execute_batch(CREATE)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(())
}

/// Creates the file before SQLite would with the process's default mode, or checks the one there.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => check(path),
        result => result.map(drop).map_err(Error::File),
    }
}

fn check(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(path)?;
    // SQLite takes what is shorter than its smallest page for an empty file, and overwrites it.
    if (1..512).contains(&metadata.len()) {
        return Err(Error::Foreign);
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(Error::Permissions);
    }
    Ok(())
}
