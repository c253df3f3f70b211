mod account;
mod backup;
mod copy;
mod failure;
mod file;
mod identity;
#[cfg(target_os = "linux")]
mod mount;
mod recovery;
mod row;
mod schema;
mod settings;
mod store;
mod turn;

use core::cell::Cell;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use self::backup::Backup;
use self::failure::failure;
use self::identity::Identity;
use self::turn::{Turn, Turns};
use crate::{Durability, EngineError, EngineErrorKind, Error};

/// How long a call waits for other threads and processes.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to pause before the next try while another process writes. SQLite's own handler pauses
/// for up to a tenth of a second, while others come and go.
const PAUSE: Duration = Duration::from_millis(1);

/// Credentials and their spent counters in one SQLite file, which several processes may share.
///
/// Every change is a committed transaction of its own, on disk before the call returns (`WAL`,
/// `synchronous=FULL`). Data that is removed or replaced is overwritten.
///
/// The file must lie on a local disk, and only one path may lead to it, since SQLite's log lies
/// beside the path. A file with a second hard link is refused. On Linux a file that is itself a
/// mount point is refused, too: mount its folder instead. So is a file on a network file system
/// of a known type (NFS, SMB, 9P, FUSE and others). On other systems mounts and file systems are not
/// checked.
///
/// The file is created for its owner alone. It is refused if other users can reach or replace it:
/// if it is a symbolic link, or if group or others may write to its folder. Parent folders and
/// owners are not checked: do not point a process that may open every user's files at another
/// user's file.
///
/// A service must not continue with a file that was replaced, moved or deleted, or whose log was.
/// On Unix each call checks this before it returns, and then fails with [`Error::Moved`]. Windows
/// does not let an open file be replaced.
///
/// One connection runs the calls of all threads, one after another. A call fails if threads or
/// other processes hold the database for more than five seconds.
#[derive(Debug)]
pub struct Sqlite {
    turns: Turns<Connection>,
    identity: Identity,
    path: PathBuf,
}

impl Sqlite {
    /// How long the store keeps an acknowledged change: as long as the disk lasts.
    pub const DURABILITY: Durability = Durability::Disk;

    /// Opens an existing database. It creates nothing and changes no schema.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: the file does not exist, or is empty. In an empty database no account
    ///   has a second factor.
    /// - [`Error::Outdated`]: its schema is older than this version needs ([`Sqlite::migrate`]).
    /// - [`Error::Newer`]: a newer version wrote it, and does not permit this version to write.
    /// - [`Error::File`]: the file cannot be examined.
    /// - [`Error::Permissions`], [`Error::Folder`]: other users can reach the file, or write to its
    ///   folder.
    /// - [`Error::Foreign`]: this crate did not create the file.
    /// - [`Error::Link`], [`Error::SecondPath`]: a second path leads to it.
    /// - [`Error::SharedFileSystem`]: it is not on a local disk.
    /// - [`Error::Moved`]: it was replaced during the call.
    /// - [`Error::Engine`]: the database is damaged, read only, or busy for five seconds. Or this
    ///   build of SQLite lacks a setting that the store needs.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        file::check_existing(path)?;
        Self::connected(path, |_| Ok(()))
    }

    /// Creates a database with mode 0600, or opens the existing one. It does not migrate an older
    /// schema. If the last folder of the path is missing, it is created with mode 0700.
    ///
    /// # Errors
    ///
    /// - [`Error::File`]: the file cannot be created.
    /// - Those of [`Sqlite::open`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        file::create_private(path)?;
        Self::connected(path, |connection| schema::create(connection, schema::STEPS))
    }

    /// Brings the schema of a database up to date, in one transaction. Other processes wait for it.
    /// First make a backup, and stop programs of an older version.
    ///
    /// A schema that is up to date or newer does not change.
    ///
    /// # Errors
    ///
    /// Those of [`Sqlite::open`].
    pub fn migrate(path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        file::check_existing(path)?;
        let migrate =
            |connection: &mut Connection| schema::migrate(connection, path, schema::STEPS);
        Self::connected(path, migrate).map(drop)
    }

    fn connected(
        path: &Path,
        prepare: impl FnOnce(&mut Connection) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        // SQLite reads `file:…` as a URI, which may name another file than the checked one, and
        // `:memory:` as no file. The process may change its folder later.
        let path = std::path::absolute(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(failure)?;
        let deadline = deadline();
        wait_until(&mut connection, deadline)?;
        prepare(&mut connection)?;
        schema::check(&connection, &path, schema::STEPS)?;
        settings::keep_everything(&connection, deadline)?;
        // Reading creates the log and the shared memory, which last as long as the connection.
        schema::check(&connection, &path, schema::STEPS)?;
        let identity = Identity::of(&path)?;
        // Check that the open file is the one that was checked.
        file::check_existing(&path)?;
        Ok(Self { turns: Turns::new(connection), identity, path })
    }

    /// Copies the database to a new file with mode 0600, while other calls continue. The file gets
    /// its name once it is complete, verified and on disk.
    ///
    /// A plain copy of the file lacks the changes in the log. To restore a backup, stop every
    /// process, delete the files `-wal` and `-shm` beside the old database, and then replace it by
    /// the backup. Otherwise SQLite would write the old log over the backup.
    ///
    /// # Errors
    ///
    /// - [`Error::File`]: the file exists already, or cannot be written.
    /// - [`Error::Folder`]: other users may write to its folder.
    /// - [`Error::Engine`]: the database is damaged, or the disk is full.
    /// - [`Error::Moved`]: the database was replaced while it was open.
    pub fn backup_to(&self, path: impl AsRef<Path>) -> Result<Backup, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.path, flags).map_err(failure)?;
        wait_until(&mut connection, deadline())?;
        let backup = backup::write(&connection, path.as_ref())?;
        self.identity.check()?;
        Ok(backup)
    }

    fn connection(&self) -> Result<Turn<'_, Connection>, Error> {
        let deadline = deadline();
        let turn = self.turns.take(PATIENCE);
        let mut connection = turn.ok_or_else(|| EngineError::from(EngineErrorKind::Busy))?;
        wait_until(&mut connection, deadline)?;
        Ok(connection)
    }

    /// Runs a transaction that keeps other writers out from its start.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut connection = self.connection()?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failure)?;
        let done = work(&transaction)?;
        transaction.commit().map_err(failure)?;
        self.identity.check()?;
        Ok(done)
    }

    /// Runs a read, or a change in one statement.
    fn ask<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let connection = self.connection()?;
        let done = work(&connection)?;
        self.identity.check()?;
        Ok(done)
    }
}

fn deadline() -> Option<Instant> {
    Instant::now().checked_add(PATIENCE)
}

thread_local! {
    /// When the current call of this thread stops waiting.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Lets a connection wait for other processes until the deadline. Older versions of the driver
/// accept only a function, so the deadline is thread-local.
fn wait_until(connection: &mut Connection, deadline: Option<Instant>) -> Result<(), Error> {
    fn wait(_: i32) -> bool {
        thread::sleep(PAUSE);
        DEADLINE.get().is_some_and(|deadline| Instant::now() < deadline)
    }
    let wait: fn(i32) -> bool = wait;
    DEADLINE.set(deadline);
    connection.busy_handler(Some(wait)).map_err(failure)
}
