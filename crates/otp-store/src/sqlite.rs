mod backup;
mod failure;
mod file;
mod identity;
#[cfg(target_os = "linux")]
mod mount;
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

/// How long a call waits for others, in this process and in others.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long between two looks while another process writes. SQLite's own way waits for up to a tenth
/// of a second while others come and go.
const PAUSE: Duration = Duration::from_millis(1);

/// Credentials and what is spent of them, in one SQLite file that several processes may share.
///
/// Every change is a committed transaction of its own, on disk before the call returns (`WAL`,
/// `synchronous=FULL`), and what is removed or replaced is overwritten.
///
/// The file must lie on a local disk, and one path must lead to it, since SQLite's log lies beside
/// the path. A file with a second hard link is refused, and on Linux a file that is itself a mount
/// point: mount its folder. On Linux a network file system is refused if its type is known (NFS,
/// SMB, 9P, FUSE and others). On other systems mounts and file systems are not looked at.
///
/// The file is created for its owner alone, and refused if others can reach it, or put another in
/// its place: if it is a symbolic link, or if group or others may write to its folder. The folders
/// above are not looked at, nor the owners: a process that may open every user's files must not be
/// pointed at another user's.
///
/// A service must not go on in a file that was replaced, moved or deleted, or whose log was. On Unix
/// each call looks before it answers, and is then [`Error::Moved`]. Windows does not let an open
/// file be replaced.
///
/// One connection carries the calls of all threads, one after another. A call that gets no turn
/// within five seconds, because of them or of other processes, is an error.
#[derive(Debug)]
pub struct Sqlite {
    turns: Turns<Connection>,
    identity: Identity,
    path: PathBuf,
}

impl Sqlite {
    /// What it promises.
    pub const DURABILITY: Durability = Durability::Disk;

    /// Opens a database that is there. It creates nothing and changes no schema.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: the file is not there, or is empty. An account that is not found would
    ///   else mean that its user has no second factor.
    /// - [`Error::Outdated`]: its schema is older than this version needs ([`Sqlite::migrate`]).
    /// - [`Error::Newer`]: newer programs write it, and this version may not.
    /// - [`Error::File`]: the file cannot be looked at.
    /// - [`Error::Permissions`], [`Error::Folder`]: others than the owner can reach the file, or
    ///   write to its folder.
    /// - [`Error::Foreign`]: it is something else than a database of this library.
    /// - [`Error::Link`], [`Error::SecondPath`]: a second path leads to it.
    /// - [`Error::SharedFileSystem`]: it is not on a local disk.
    /// - [`Error::Moved`]: it was replaced at this very moment.
    /// - [`Error::Engine`]: the database is damaged, busy for five seconds, or may only be
    ///   read; or this build of SQLite lacks a setting that the store needs.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        file::check_existing(path)?;
        Self::connected(path, |_| Ok(()))
    }

    /// Creates a database with mode 0600, or opens the one that is there. An older schema stays. The
    /// last folder of the path is made with mode 0700 if it is missing.
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

    /// Brings the schema of a database up to date, in one transaction that others wait for. Programs
    /// of an older version must be stopped first. Do it after a backup.
    ///
    /// A schema that is up to date, or newer, stays as it is.
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
        // SQLite would take `file:…` for a URI, which may name another file than the one just
        // looked at, and `:memory:` for none. The process may change its folder later.
        let path = std::path::absolute(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(failure)?;
        let deadline = deadline();
        wait_until(&mut connection, deadline)?;
        prepare(&mut connection)?;
        schema::check(&connection, &path, schema::STEPS)?;
        settings::keep_everything(&connection, deadline)?;
        // Reading makes the files beside it, which stay as long as the connection does.
        schema::check(&connection, &path, schema::STEPS)?;
        let identity = Identity::of(&path)?;
        // The file that was checked is the one that is open.
        file::check_existing(&path)?;
        Ok(Self { turns: Turns::new(connection), identity, path })
    }

    /// Copies the database to a new file with mode 0600, while others go on. It has its name once it
    /// is whole, read through and on the disk.
    ///
    /// A plain copy of the file misses what is in the log. To restore a backup, stop every process,
    /// delete the files `-wal` and `-shm` beside the old database, and then put the backup in its
    /// place: the log of another database would be written over it.
    ///
    /// # Errors
    ///
    /// - [`Error::File`]: the file is there already, or cannot be written.
    /// - [`Error::Folder`]: others may write to its folder.
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

    /// Runs a transaction that keeps other writers out from its beginning.
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

    /// Reads, or changes something in one statement.
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
    /// Until when the call of this thread may wait.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Lets a connection wait for other processes, but no longer. Older versions of the driver take
/// nothing but a function, so the deadline is the thread's.
fn wait_until(connection: &mut Connection, deadline: Option<Instant>) -> Result<(), Error> {
    fn wait(_: i32) -> bool {
        thread::sleep(PAUSE);
        DEADLINE.get().is_some_and(|deadline| Instant::now() < deadline)
    }
    let wait: fn(i32) -> bool = wait;
    DEADLINE.set(deadline);
    connection.busy_handler(Some(wait)).map_err(failure)
}
