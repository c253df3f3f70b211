use core::fmt;

use otp_context::replay::WindowTooWide;
use otp_context::{ClockError, EntropyError};

/// The reason why a verifier or a store could not answer.
///
/// An error never accepts a code: let no user in.
#[non_exhaustive]
pub enum Error {
    /// The account of an id is empty, longer than 255 bytes or has control characters.
    Id,
    /// The name of an id is longer than 255 bytes or has control characters.
    Name,
    /// The id has no credential.
    Unknown,
    /// The id has a confirmed credential already.
    Enrolled,
    /// The account has this many credentials with codes of the new one's length. Another would leave
    /// fewer than five attempts of [`Verifier::verify_account`](crate::Verifier::verify_account).
    TooManyCredentials(usize),
    /// Another credential of the account has the key.
    DuplicateKey,
    /// The proof is more than five minutes old, or its credential was removed or is another store's. Ask
    /// for a new code.
    OldProof,
    /// The proof is the first code of a new credential, and the account has another credential. Ask for
    /// a code of that one.
    NewProof,
    /// A number or a text is too large for the database. The bound is 2^63 - 1 for numbers in SQL. It is
    /// 2^53 - 2^32 for times and 2^53 - 1 for locks in Redis, and 1 MiB for records and 1 KiB for keys of
    /// recovery codes in PostgreSQL.
    TooLarge(&'static str),
    /// The store holds as many credentials as its limit permits.
    Full,
    /// The window of the options is so wide for the codes that guessing would pay.
    Window(WindowTooWide),
    /// The context failed: its wallet cannot open or encrypt the key, or it has no time or no
    /// entropy.
    Context(otp_context::Error),
    /// The root certificates are not valid PEM, or there are none.
    Certificate,
    /// Other users than the owner can read or write the file.
    Permissions,
    /// Other users than the owner can write to the folder of the file.
    Folder(std::path::PathBuf),
    /// A part of the database's URL is not valid, or needs a feature that is not built in.
    Url(&'static str),
    /// The database was not created by this crate.
    Foreign,
    /// The database is not created yet, or the path or URL leads elsewhere. The text names what is
    /// missing, and where.
    Missing(String),
    /// The schema of the database is older than this version needs. Migrate it first.
    Outdated {
        /// The version of the database's schema.
        found: u32,
        /// The version that this library needs.
        needed: u32,
    },
    /// A newer version wrote the database, and permits no version as old as this one to write.
    Newer,
    /// The database file is a symbolic link, which others could point elsewhere.
    Link,
    /// A second path leads to the database file. SQLite's log would lie beside that path. The text
    /// names the kind of path.
    SecondPath(&'static str),
    /// The database file lies on a network file system, or on one that several machines share.
    /// SQLite's locks and shared memory do not work there.
    SharedFileSystem,
    /// The database file or its log was replaced, moved or deleted while it was open. The counters
    /// in the old file are out of date for the new one.
    Moved,
    /// The stored key is in plain text, and the context refuses plain-text keys.
    PlainKey,
    /// The code was not compared, because the key does not open or the stored data is damaged. The
    /// attempt costs no failure. Tell an operator.
    NotCompared(Box<Self>),
    /// A stored value is not valid.
    Corrupt(&'static str),
    /// The file system failed.
    File(std::io::Error),
    /// The database failed.
    Engine(EngineError),
}

impl Error {
    /// Returns whether the same call may succeed at once, because a connection or a race was lost.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Engine(error) if matches!(error.kind, EngineErrorKind::Interrupted))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("account must have 1 to 255 bytes and no control characters"),
            Self::Name => f.write_str("name must have at most 255 bytes and no control characters"),
            Self::Unknown => f.write_str("account is not enrolled"),
            Self::Enrolled => f.write_str("account is already enrolled"),
            Self::TooManyCredentials(count) => write!(
                f,
                "account has {count} credentials already, and one more would leave fewer than five attempts"
            ),
            Self::DuplicateKey => {
                f.write_str("another credential of the account has the same key")
            }
            Self::OldProof => f.write_str("proof is more than 300 seconds old, or its credential is gone: ask for a new code"),
            Self::NewProof => f.write_str(
                "proof is the first code of a new credential: ask for a code of another one",
            ),
            Self::TooLarge("record") => f.write_str("record is above 1048576 bytes"),
            Self::TooLarge("recovery key") => f.write_str("recovery key is above 1024 bytes"),
            Self::TooLarge("time") => f.write_str("time is above 9007194959773696"),
            Self::TooLarge("lock") => f.write_str("lock is above 9007199254740991"),
            Self::TooLarge("counter") => f.write_str("counter is above 9223372036854775806"),
            Self::TooLarge(part) => write!(f, "{part} is above 9223372036854775807"),
            Self::Full => f.write_str("store is full"),
            Self::Window(error) => error.fmt(f),
            Self::Context(error) => error.fmt(f),
            Self::Certificate => f.write_str("root certificates are not valid PEM"),
            Self::Permissions => f.write_str(
                "group or others can read or write the database file: make it private with chmod \
                 600",
            ),
            Self::Folder(path) => {
                let path = path.display().to_string();
                write!(
                    f,
                    "group or others can write to the folder {path:?}: run chmod go-w {path:?}"
                )
            }
            Self::Url("sslmode") => f.write_str(
                "database URL is not valid: sslmode must be disable, or for PostgreSQL require, verify-ca \
                 or verify-full",
            ),
            Self::Url("tls") => f.write_str(
                "database URL needs TLS, which is not built in: build with feature tls, or set \
                 sslmode=disable on a private network",
            ),
            Self::Url(part) => write!(f, "database URL is not valid: {part}"),
            Self::Foreign => f.write_str("database was not created by otp-store"),
            Self::Missing(place) => write!(f, "database is not created yet: there is no {place}"),
            Self::Outdated { found, needed } => write!(
                f,
                "database has schema {found}, and this version needs {needed}: migrate it first"
            ),
            Self::Newer => f.write_str("database was written by a newer version"),
            Self::Link => f.write_str("database file is a symbolic link"),
            Self::SecondPath(kind) => write!(f, "database file has a second path: {kind}"),
            Self::SharedFileSystem => f.write_str(
                "database file is on a network or shared file system: SQLite needs a local disk",
            ),
            Self::Moved => f.write_str(
                "database file or its log was replaced, moved or deleted while it was open",
            ),
            Self::PlainKey => f.write_str("stored key is not encrypted"),
            Self::NotCompared(why) => write!(f, "code was not compared: {why}"),
            Self::Corrupt(part) => write!(f, "stored {part} is not valid"),
            Self::File(error) => write!(f, "database file: {}", error.kind()),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::File(error) => Some(error),
            Self::Engine(error) => error.source(),
            Self::NotCompared(why) => why.source(),
            // The context's text is complete.
            _ => None,
        }
    }
}

otp_core::__debug_error!(enum Error {
    Id,
    Name,
    Unknown,
    Enrolled,
    TooManyCredentials(count),
    DuplicateKey,
    OldProof,
    NewProof,
    TooLarge(part),
    Full,
    Window(error),
    Context(error),
    Certificate,
    Permissions,
    Folder(path),
    Url(part),
    Foreign,
    Missing(place),
    Outdated { found, needed },
    Newer,
    Link,
    SecondPath(kind),
    SharedFileSystem,
    Moved,
    PlainKey,
    NotCompared(why),
    Corrupt(part),
    File(error),
    Engine(error),
});

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<otp_context::Error> for Error {
    fn from(error: otp_context::Error) -> Self {
        match error {
            otp_context::Error::PlainKey => Self::PlainKey,
            error => Self::Context(error),
        }
    }
}

impl From<WindowTooWide> for Error {
    fn from(error: WindowTooWide) -> Self {
        Self::Window(error)
    }
}

impl From<ClockError> for Error {
    fn from(error: ClockError) -> Self {
        Self::Context(error.into())
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Context(error.into())
    }
}

/// An error of a database engine.
///
/// Its text is fit for every reader. Its `source` is the engine's own error, which may repeat
/// statements, values and paths.
pub struct EngineError {
    kind: EngineErrorKind,
    source: Option<Source>,
}

type Source = Box<dyn core::error::Error + Send + Sync>;

impl EngineError {
    /// Makes an error of a kind, with the engine's own error as its source.
    pub fn new(kind: EngineErrorKind, source: impl Into<Source>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> EngineErrorKind {
        self.kind
    }
}

impl From<EngineErrorKind> for EngineError {
    fn from(kind: EngineErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database: {}", self.kind)
    }
}

impl core::error::Error for EngineError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        let source: &(dyn core::error::Error + 'static) = self.source.as_deref()?;
        Some(source)
    }
}

otp_core::__debug_error!(struct EngineError { kind });

/// The kind of an [`EngineError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineErrorKind {
    /// The database cannot be reached.
    Unreachable,
    /// The connection was lost, or a concurrent change came first. Retry.
    Interrupted,
    /// The database did not answer in time.
    TimedOut,
    /// The database refuses the user, the password or the statement.
    Denied,
    /// The connection would be in plain text, or the server's certificate is not trusted.
    Insecure,
    /// Another connection or process has held the database for too long.
    Busy,
    /// The disk or the memory of the database is full.
    Full,
    /// The database is read only.
    ReadOnly,
    /// The stored data is damaged.
    Damaged,
    /// A setting would let the database lose what it has acknowledged.
    Unsafe(&'static str),
    /// The database could accept a code twice, or hides rows. The text names the reason.
    Unfit(&'static str),
    /// Any other error.
    Other,
}

impl fmt::Display for EngineErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "cannot be reached",
            Self::Interrupted => "interrupted, retry",
            Self::TimedOut => "did not answer in time",
            Self::Denied => "permission denied",
            Self::Insecure => "connection is not secure",
            Self::Busy => "busy",
            Self::Full => "disk or memory is full",
            Self::ReadOnly => "read only",
            Self::Damaged => "damaged",
            Self::Unsafe(setting) => return write!(f, "setting {setting} is not safe"),
            Self::Unfit(why) => return write!(f, "refused: {why}"),
            Self::Other => "failed",
        })
    }
}
