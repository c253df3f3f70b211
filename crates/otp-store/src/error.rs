use core::fmt;

/// Why a store could not answer.
///
/// It is never an acceptance: whoever gets one lets nobody in.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The id of a credential is empty, too long or holds control characters.
    Id,
    /// There is no such credential.
    Unknown,
    /// The credential is enrolled and confirmed already.
    Enrolled,
    /// A number is beyond what the database holds: 2^63 - 1.
    TooLarge(&'static str),
    /// The window is too wide for the credential's codes.
    Window(otp_context::WindowTooWide),
    /// The file can be read or written by others than its owner.
    Permissions,
    /// The file is no database of this library.
    Foreign,
    /// The database was written by a newer version of this library.
    Newer,
    /// A stored value is not valid.
    Corrupt(&'static str),
    /// The file system failed.
    File(std::io::Error),
    /// The database failed.
    #[cfg(feature = "sqlite")]
    Sqlite(rusqlite::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("account must have 1 to 255 bytes and no control characters"),
            Self::Unknown => f.write_str("account is not enrolled"),
            Self::Enrolled => f.write_str("account is enrolled already"),
            Self::TooLarge(part) => write!(f, "{part} is above 9223372036854775807"),
            Self::Window(error) => error.fmt(f),
            Self::Permissions => {
                f.write_str("database file must be accessible to its owner alone (mode 0600)")
            }
            Self::Foreign => f.write_str("file is not a database of one-time passwords"),
            Self::Newer => f.write_str("database was written by a newer version"),
            Self::Corrupt(part) => write!(f, "stored {part} is not valid"),
            Self::File(error) => write!(f, "database file: {}", error.kind()),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(error) => write!(f, "database: {}", sqlite_reason(error)),
        }
    }
}

/// SQLite's name for what happened; its longer messages repeat statements and paths.
#[cfg(feature = "sqlite")]
fn sqlite_reason(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;

    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "busy",
        Some(ErrorCode::DiskFull) => "disk is full",
        Some(ErrorCode::ReadOnly) => "read only",
        Some(ErrorCode::CannotOpen) => "cannot be opened",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "damaged",
        Some(ErrorCode::PermissionDenied) => "permission denied",
        Some(ErrorCode::SystemIoFailure) => "input or output failed",
        _ => "failed",
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Window(error) => Some(error),
            Self::File(error) => Some(error),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(error) => Some(error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

#[cfg(feature = "sqlite")]
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::Foreign,
            _ => Self::Sqlite(error),
        }
    }
}
