use alloc::string::{String, ToString};
use core::cell::RefCell;
use core::fmt;

use serde_core::Deserializer;

use crate::fields::{self, Fields};
use crate::form_error::{FormError, Problem};

/// The kind of a [`RecordError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordErrorKind {
    /// The text is not of the format, such as JSON, or goes on after the record.
    Format,
    /// A field is missing.
    Missing,
    /// A field comes twice.
    Duplicate,
    /// The record has an unknown field.
    Unknown,
    /// A field belongs to another type of codes.
    Conflict,
    /// The encrypted key is of a form from before passlib's release.
    Unsupported,
    /// A value is invalid.
    Invalid,
}

impl RecordErrorKind {
    /// Returns a stable name in snake case, for logs and JSON. Where an
    /// [`ErrorKind`](otp_uri::ErrorKind) of URIs means the same, it has the same name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Format => "malformed",
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Unknown => "unknown",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::Invalid => "invalid",
        }
    }
}

/// Why a record was not read: what kind of error, and which part.
///
/// The text names the part and the bound, and never repeats the input.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordError {
    kind: RecordErrorKind,
    part: &'static str,
    text: String,
}

impl RecordError {
    /// Returns the kind of error.
    #[must_use]
    pub const fn kind(&self) -> RecordErrorKind {
        self.kind
    }

    /// Returns the part that is wrong: a field, or `record` for the whole. The fields `alg` and `key` of
    /// passlib have the parts `algorithm` and `secret` if their values are not valid.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        self.part
    }

    pub(crate) fn new(kind: RecordErrorKind, part: &'static str, text: impl Into<String>) -> Self {
        Self { kind, part, text: text.into() }
    }

    fn found(part: &'static str, found: Problem<'_>) -> Self {
        match found {
            Problem::Form(error) => Self::new(kind(error), part, error.to_string()),
            Problem::Value(error) => Self::new(RecordErrorKind::Invalid, part, error.to_string()),
        }
    }
}

const fn kind(error: FormError) -> RecordErrorKind {
    match error {
        FormError::Unknown => RecordErrorKind::Unknown,
        FormError::Duplicate(_) => RecordErrorKind::Duplicate,
        FormError::Missing(_) | FormError::NoKey(..) => RecordErrorKind::Missing,
        FormError::Foreign(_) => RecordErrorKind::Conflict,
        #[cfg(feature = "passlib")]
        FormError::Passlib(otp_context::wallet::passlib::PasslibError::UnreleasedFormat(_)) => {
            RecordErrorKind::Unsupported
        }
        _ => RecordErrorKind::Invalid,
    }
}

/// Reads a record, and keeps what is wrong with it.
pub(crate) fn read<'de, D: Deserializer<'de>, F: Fields<'de>>(
    deserializer: D,
) -> Result<F::Value, RecordError> {
    let reason = RefCell::new(None);
    let report = |part, found: Problem<'_>| {
        reason.borrow_mut().get_or_insert_with(|| RecordError::found(part, found));
    };
    let read = fields::read_reporting::<D, F>(deserializer, &report);
    read.map_err(|_| {
        let format = "record does not have its format";
        reason.take().unwrap_or_else(|| RecordError::new(RecordErrorKind::Format, "record", format))
    })
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl core::error::Error for RecordError {}

otp_core::__debug_error!(struct RecordError { kind, part });
