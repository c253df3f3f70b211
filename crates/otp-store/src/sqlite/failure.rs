use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

use crate::{EngineError, EngineErrorKind, Error};

/// Converts an error of the driver. It is not `From`, which would make a version of the driver part
/// of this crate's interface.
pub(super) fn failure(error: rusqlite::Error) -> Error {
    let is = |code| error.sqlite_error().is_some_and(|error| error.extended_code == code);
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => return Error::Foreign,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineErrorKind::Busy,
        Some(ErrorCode::DiskFull) => EngineErrorKind::Full,
        // SQLite failed to create the file through which processes share the log.
        Some(ErrorCode::SystemIoFailure) if is(SQLITE_IOERR_SHMSIZE) => EngineErrorKind::Full,
        Some(ErrorCode::ReadOnly) => EngineErrorKind::ReadOnly,
        Some(ErrorCode::CannotOpen) => EngineErrorKind::Unreachable,
        Some(ErrorCode::DatabaseCorrupt) => EngineErrorKind::Damaged,
        Some(ErrorCode::PermissionDenied) => EngineErrorKind::Denied,
        _ => EngineErrorKind::Other,
    };
    EngineError::new(kind, error).into()
}
