use core::fmt;

use crate::{FindingKind, MAX_LENGTH, Part};

/// The reason why a text is refused, or a value cannot be a URI: an [`ErrorKind`] and a [`Part`].
///
/// The message never repeats the input, which may be a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    part: Part,
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The part is too long.
    TooLong,
    /// The part is malformed.
    Malformed,
    /// The part has a percent sign without two hexadecimal digits after it.
    Escape,
    /// The part has a path segment `.` or `..`, which URL parsers remove.
    DotSegment,
    /// The part has a character outside its encoding.
    Character,
    /// The part is missing.
    Missing,
    /// The part is empty.
    Empty,
    /// The part appears twice.
    Duplicate,
    /// The number is out of range.
    OutOfRange,
    /// The value is unknown.
    Unknown,
    /// The value is recognised, but not supported.
    Unsupported,
    /// The part contradicts the type.
    Conflict,
    /// The URI is an export of several accounts.
    Export,
    /// The part contains another URI or its key, or a bare key has another line.
    Several,
    /// The key is hexadecimal, and must be Base32.
    Hexadecimal,
    /// The key has the digit 1, which Base32 lacks, in place of a letter.
    LookAlike,
    /// The key continues after an equals sign.
    AfterPadding,
    /// The other form cannot express the part.
    Inexpressible,
    /// The tolerant reader accepts the part and the strict one does not.
    Strict(FindingKind),
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, part: Part) -> Self {
        Self { kind, part }
    }

    /// Returns the kind of error.
    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        self.kind
    }

    /// Returns the part that is wrong.
    #[must_use]
    pub const fn part(self) -> Part {
        self.part
    }

    /// Converts an error of otp-core about a part.
    pub(crate) const fn core(error: otp_core::Error, part: Part) -> Self {
        use otp_core::Error as Core;
        Self::new(
            match error {
                Core::EmptyKey => ErrorKind::Empty,
                Core::KeyCharacter { .. } => ErrorKind::Character,
                Core::KeyPadding => ErrorKind::AfterPadding,
                Core::Algorithm => ErrorKind::Unknown,
                Core::Digits | Core::Period => ErrorKind::OutOfRange,
                _ => ErrorKind::Malformed,
            },
            part,
        )
    }
}

impl ErrorKind {
    /// Returns a stable name in snake case, for logs and JSON. For [`ErrorKind::Strict`] it is the
    /// code of the finding.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Escape => "escape",
            Self::DotSegment => "dot_segment",
            Self::Character => "character",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Duplicate => "duplicate",
            Self::OutOfRange => "out_of_range",
            Self::Unknown => "unknown",
            Self::Unsupported => "unsupported",
            Self::Conflict => "conflict",
            Self::Export => "export",
            Self::Several => "several",
            Self::Hexadecimal => "hexadecimal",
            Self::LookAlike => "look_alike",
            Self::AfterPadding => "after_padding",
            Self::Inexpressible => "inexpressible",
            Self::Strict(finding) => finding.code(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part;
        let named = part.parameter();
        match self.kind {
            ErrorKind::TooLong if part == Part::Qr => f.write_str("URI is too long for a QR code"),
            ErrorKind::TooLong => write!(f, "URI must be at most {MAX_LENGTH} bytes"),
            ErrorKind::Malformed => write!(f, "malformed {named}"),
            ErrorKind::Escape => write!(f, "malformed percent escape in {named}"),
            ErrorKind::DotSegment => write!(f, "{part} must not have a segment of one or two dots"),
            ErrorKind::Character if part == Part::Secret => {
                f.write_str("secret has a character outside Base32")
            }
            ErrorKind::Character => write!(f, "{named} has a character outside Base64"),
            ErrorKind::Missing => write!(f, "missing {named}"),
            ErrorKind::Empty => write!(f, "empty {part}"),
            ErrorKind::Duplicate => write!(f, "duplicate {named}"),
            ErrorKind::OutOfRange => match part {
                Part::Digits => f.write_str("digits must be 6 to 10"),
                Part::Period => f.write_str("period must be 1 to 18446744073709551615 seconds"),
                Part::Counter => f.write_str("counter must be 0 to 18446744073709551615"),
                _ => write!(f, "{part} is out of range"),
            },
            ErrorKind::Unknown => write!(f, "unknown {part}"),
            ErrorKind::Unsupported => write!(f, "{part} is recognised, but not supported"),
            ErrorKind::Conflict => write!(f, "{named} contradicts the type"),
            ErrorKind::Export => f.write_str("URI is an export of several accounts"),
            ErrorKind::Several if part == Part::Uri => f.write_str("text has more than one URI"),
            ErrorKind::Several if part == Part::Secret => {
                f.write_str("secret must be the only line")
            }
            ErrorKind::Several => write!(f, "{part} has another URI, or its key"),
            ErrorKind::Hexadecimal => write!(f, "{part} must be Base32, and looks hexadecimal"),
            ErrorKind::LookAlike => {
                write!(f, "{part} has the digit 1, which Base32 lacks: it may be the letter I or L")
            }
            ErrorKind::AfterPadding => write!(f, "{part} must not continue after an equals sign"),
            ErrorKind::Inexpressible => write!(f, "an export cannot express the {part}"),
            ErrorKind::Strict(finding) => {
                write!(f, "outside the specifications: {}", finding.about(part))
            }
        }
    }
}

impl core::error::Error for Error {}

otp_core::__debug_error!(struct Error { kind, part });
