use core::fmt;

use otp_context::replay::WindowTooWide;
use otp_context::{ClockError, EntropyError};

/// Why a verifier or a store could not answer.
///
/// It is never an acceptance: whoever gets one lets nobody in.
#[non_exhaustive]
pub enum Error {
    /// The account of a credential is empty, too long or holds control characters.
    Id,
    /// The name of a credential is too long or holds control characters.
    Name,
    /// There is no such credential.
    Unknown,
    /// The credential is enrolled and confirmed already.
    Enrolled,
    /// A number or a text is beyond what the database holds: of numbers in SQL 2^63 - 1, of times
    /// in Redis 2^53 - 2^32.
    TooLarge(&'static str),
    /// The store holds as many credentials as it was made for.
    Full,
    /// The rules' window is so wide for the codes that guessing would pay.
    Window(WindowTooWide),
    /// The context refuses: its wallet cannot open or seal the key, its clock or its entropy fails.
    Context(otp_context::Error),
    /// The certificates to trust are not valid PEM, or there are none.
    Certificate,
    /// The file can be read or written by others than its owner.
    Permissions,
    /// The folder of the file can be written to by others than its owner.
    Folder(std::path::PathBuf),
    /// A part of the database's URL is not valid, or asks for what is not built in.
    Url(&'static str),
    /// The database is not one of this library.
    Foreign,
    /// The database is not created yet, or another place was looked at: the text says what is not
    /// there, and where.
    Missing(String),
    /// The schema of the database is older than this library's. It must be migrated first.
    Outdated {
        /// The version of the schema that is there.
        found: u32,
        /// The version that this library needs.
        needed: u32,
    },
    /// The database was written by a newer version of this library, which lets no version as old
    /// as this one write.
    Newer,
    /// The database file is a symbolic link, which others may point elsewhere.
    Link,
    /// A second path leads to the database file, whose log would lie beside that path: the text says
    /// which kind.
    SecondPath(&'static str),
    /// The database file lies on a network file system or one that several machines share, where
    /// SQLite's locks and shared memory do not hold.
    SharedFileSystem,
    /// The database file or its log was replaced, moved or deleted while it was open. The counters
    /// in the file that is gone say nothing of those in the new one.
    Moved,
    /// The stored key is not sealed, and the context was not made for plain keys.
    PlainKey,
    /// The typed code was compared with nothing: the key does not open, or what is stored is
    /// damaged. The attempt costs no failure. An operator must look at it.
    NotCompared(Box<Self>),
    /// A stored value is not valid.
    Corrupt(&'static str),
    /// The file system failed.
    File(std::io::Error),
    /// The database failed.
    Engine(EngineError),
}

impl Error {
    /// Whether the same call may succeed at once, because a connection or a race was lost.
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
            Self::Enrolled => f.write_str("account is enrolled already"),
            Self::TooLarge("record") => f.write_str("record is too long"),
            Self::TooLarge("time") => f.write_str("time is above 9007194959773696"),
            Self::TooLarge("counter") => f.write_str("counter is above 9223372036854775806"),
            Self::TooLarge(part) => write!(f, "{part} is above 9223372036854775807"),
            Self::Full => f.write_str("store is full"),
            Self::Window(error) => error.fmt(f),
            Self::Context(error) => error.fmt(f),
            Self::Certificate => f.write_str("root certificates are not valid PEM"),
            Self::Permissions => f.write_str(
                "database file can be read or written by its group or others: chmod 600 makes it \
                 private",
            ),
            Self::Folder(path) => {
                let path = path.display().to_string();
                write!(
                    f,
                    "folder {path:?} can be written to by its group or others: chmod go-w {path:?}"
                )
            }
            Self::Url("sslmode") => f.write_str(
                "database URL is not valid: sslmode is disable, or for PostgreSQL require, verify-ca \
                 or verify-full",
            ),
            Self::Url("tls") => f.write_str(
                "database URL asks for TLS, which is not built in: build with feature tls, or say \
                 sslmode=disable on a network that is yours alone",
            ),
            Self::Url(part) => write!(f, "database URL is not valid: {part}"),
            Self::Foreign => f.write_str("database is not one of one-time passwords"),
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
            Self::PlainKey => f.write_str("stored key is not sealed"),
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
            // What the context says is all there is.
            _ => None,
        }
    }
}

otp_core::__debug_error!(enum Error {
    Id,
    Name,
    Unknown,
    Enrolled,
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

/// What happened in a database.
///
/// Its text is fit for everybody; the engine's own words, which may repeat statements, values and
/// paths, are its `source`.
pub struct EngineError {
    kind: EngineErrorKind,
    source: Option<Source>,
}

type Source = Box<dyn core::error::Error + Send + Sync>;

impl EngineError {
    /// An error of a kind, with the engine's own.
    pub fn new(kind: EngineErrorKind, source: impl Into<Source>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What kind it is.
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

/// What kind of thing happened in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineErrorKind {
    /// It cannot be reached.
    Unreachable,
    /// The connection was lost, or a concurrent change came first: try again.
    Interrupted,
    /// It did not answer in time.
    TimedOut,
    /// It refuses the user, the password or the statement.
    Denied,
    /// It would be talked to in plain text, or its certificate cannot be trusted.
    Insecure,
    /// Somebody else holds it for too long.
    Busy,
    /// Its disk or memory is full.
    Full,
    /// It can be read only.
    ReadOnly,
    /// What it holds is damaged.
    Damaged,
    /// A setting would let it forget what it has acknowledged.
    Unsafe(&'static str),
    /// Something else about it would let a code be accepted twice, or hides what is stored.
    Unfit(&'static str),
    /// Anything else.
    Other,
}

impl fmt::Display for EngineErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "cannot be reached",
            Self::Interrupted => "interrupted, try again",
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
