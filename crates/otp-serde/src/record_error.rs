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
    /// The text is not valid in its format, such as JSON, or has more text after the record.
    Format,
    /// A field is missing.
    Missing,
    /// A field appears twice.
    Duplicate,
    /// The record has an unknown field.
    Unknown,
    /// A field belongs to another type of codes.
    Conflict,
    /// The encrypted key has a form that passlib never released.
    Unsupported,
    /// A value is invalid.
    Invalid,
}

impl RecordErrorKind {
    /// Returns a stable name in snake case, for logs and JSON. It equals the name of an
    /// [`ErrorKind`](otp_uri::ErrorKind) with the same meaning.
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

/// The reason why a record was not read: a [`RecordErrorKind`] and a part.
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

    /// Returns the part that is wrong: a field, or `record` for the whole record. If the fields `alg`
    /// and `key` of passlib have invalid values, the parts are `algorithm` and `secret`.
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

/// Reads a record. The error has the first problem that the reader reported.
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
