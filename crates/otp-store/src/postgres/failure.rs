//! Errors of the driver and the server, as errors of this crate.

use deadpool::managed::{PoolError, TimeoutType};
use tokio_postgres::error::Severity;

use crate::{EngineError, EngineErrorKind, Error};

/// Why a statement has no valid reply.
#[derive(Debug)]
pub(super) enum Failure {
    Driver(tokio_postgres::Error),
    /// Another statement replied, or none did: the pooler does not keep prepared statements.
    Strange,
    /// The wait for a standby was cancelled. The change is committed here, and perhaps not there.
    Unconfirmed,
    /// Row level security hides rows from the role, so an empty result proves nothing.
    Hidden,
}

impl Failure {
    /// Returns whether the connection is unusable.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Driver(error) => is_lost(error),
            Self::Strange => true,
            Self::Unconfirmed | Self::Hidden => false,
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<Failure> for Error {
    fn from(found: Failure) -> Self {
        let (kind, why) = match found {
            Failure::Driver(error) => return failure(error),
            Failure::Strange => (EngineErrorKind::Interrupted, "another statement replied"),
            Failure::Unconfirmed => {
                (EngineErrorKind::Interrupted, "the wait for a standby was cancelled")
            }
            Failure::Hidden => return HIDDEN.into(),
        };
        EngineError::new(kind, why).into()
    }
}

/// The error for a role that is subject to row level security.
pub(super) const HIDDEN: EngineErrorKind =
    EngineErrorKind::Unfit("row level security hides rows from this role");

/// Converts an error of the driver. It is not `From`, since an implementation is always public.
pub(super) fn failure(error: tokio_postgres::Error) -> Error {
    // No reply means that the connection is lost.
    let kind = match error.code() {
        _ if is_replanned(&error) => Some(EngineErrorKind::Interrupted),
        Some(state) => kind(state.code()),
        None => Some(EngineErrorKind::Interrupted),
    };
    kind.map_or(Error::Foreign, |kind| EngineError::new(kind, words(&error)).into())
}

/// Converts an error of connecting.
pub(super) fn connecting(error: tokio_postgres::Error) -> Error {
    use std::io;

    if error.code().is_some() {
        return failure(error);
    }
    let cause = core::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
    // The driver distinguishes these two only by their text.
    let kind = match error.to_string().as_str() {
        "error performing TLS handshake" => EngineErrorKind::Insecure,
        "authentication error" => EngineErrorKind::Denied,
        _ if cause.map(io::Error::kind) == Some(io::ErrorKind::TimedOut) => {
            EngineErrorKind::TimedOut
        }
        _ => EngineErrorKind::Unreachable,
    };
    EngineError::new(kind, words(&error)).into()
}

/// Returns the server's message without its details, which repeat the row and so a key. For any
/// other error it returns the driver's message.
fn words(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |error| format!("{} {}: {}", error.severity(), error.code().code(), error.message()),
    )
}

/// Converts an error of the pool.
pub(super) fn waiting(error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(TimeoutType::Wait) => {
            let why = "all connections are in use";
            EngineError::new(EngineErrorKind::TimedOut, why).into()
        }
        PoolError::Timeout(_) => EngineErrorKind::TimedOut.into(),
        other => EngineError::new(EngineErrorKind::Other, other.to_string()).into(),
    }
}

/// Returns whether the connection is unusable: it is lost, its server is read only, or its prepared
/// statements are not its own.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let driver = error;
    error.as_db_error().is_none_or(|error| {
        let fatal = matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
        let code = error.code().code();
        fatal
            || is_replanned(driver)
            || matches!(code, "08P01" | "22021" | "22P03" | "25006" | "26000" | "42P05")
    })
}

/// Returns whether a prepared statement is invalid because a column's type was changed.
fn is_replanned(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| {
        error.code().code() == "0A000" && error.routine() == Some("RevalidateCachedQuery")
    })
}

/// Returns the kind of an SQLSTATE, or `None` if the database has other tables.
fn kind(state: &str) -> Option<EngineErrorKind> {
    Some(match state {
        // A table or a column does not exist.
        "42P01" | "42703" => return None,
        "42501" => EngineErrorKind::Denied,
        "25006" => EngineErrorKind::ReadOnly,
        "57014" => EngineErrorKind::TimedOut,
        // The server starts or stops, or lacks this database.
        "57P03" | "57P04" | "3D000" => EngineErrorKind::Unreachable,
        // The connection was ended, or a pooler lost or swapped its prepared statements.
        "57P01" | "57P02" | "57P05" | "25P03" | "22021" | "22P03" | "26000" | "42P05" => {
            EngineErrorKind::Interrupted
        }
        "53300" | "55P03" => EngineErrorKind::Busy,
        "58030" | "58P01" | "XX001" | "XX002" => EngineErrorKind::Damaged,
        _ => match state.get(..2) {
            Some("08" | "40") => EngineErrorKind::Interrupted,
            Some("28") => EngineErrorKind::Denied,
            Some("53") => EngineErrorKind::Full,
            _ => EngineErrorKind::Other,
        },
    })
}

impl From<EngineErrorKind> for Error {
    fn from(kind: EngineErrorKind) -> Self {
        EngineError::from(kind).into()
    }
}

#[cfg(test)]
mod tests {
    use super::kind;
    use crate::EngineErrorKind as Kind;

    #[test]
    fn states_have_kinds() {
        for (states, expected) in [
            (&["28P01", "28000", "42501"][..], Some(Kind::Denied)),
            (&["53100", "53200", "53400"], Some(Kind::Full)),
            (&["25006"], Some(Kind::ReadOnly)),
            (
                &["40001", "40P01", "57P01", "57P02", "08006", "08P01", "22021", "22P03"],
                Some(Kind::Interrupted),
            ),
            (&["57014"], Some(Kind::TimedOut)),
            (&["57P03", "3D000"], Some(Kind::Unreachable)),
            (&["53300", "55P03"], Some(Kind::Busy)),
            (&["XX001", "XX002", "58P01"], Some(Kind::Damaged)),
            (&["42P01", "42703"], None),
            (&["XX000", "23514", ""], Some(Kind::Other)),
        ] {
            for state in states {
                assert_eq!(kind(state), expected, "{state}");
            }
        }
    }
}
