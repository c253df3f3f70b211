use core::fmt;

use crate::EntropyError;

/// Why application secrets are refused, or a key cannot be sealed or opened.
///
/// The text names the part and never repeats the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalletError {
    /// The tag has an invalid character, no character, or more than 64.
    Tag,
    /// A line of the secrets is not valid.
    Line {
        /// The number of the line, counted from 1.
        line: usize,
        /// Why it is not valid.
        error: LineError,
    },
    /// An application secret has no bytes.
    EmptySecret,
    /// An application secret has fewer than 16 bytes: a thief of the records could guess it.
    ShortSecret,
    /// Two application secrets have one tag.
    DuplicateTag,
    /// One application secret has two tags.
    DuplicateSecret,
    /// No application secret has the tag.
    UnknownTag,
    /// A salt for a passphrase has fewer than 16 bytes or more than 64.
    Salt,
    /// The memory for deriving a secret from a passphrase cannot be allocated.
    Memory,
    /// The sealed key is malformed.
    Form,
    /// The sealed key has another version or another algorithm.
    Version,
    /// The key has no bytes or more than 256.
    KeyLength,
    /// Another application secret sealed the key under this tag, or the key's nonce or check value was
    /// changed.
    WrongSecret,
    /// The sealed key was changed, or belongs to another user, credential or set of parameters.
    Tampered,
    /// There is no entropy for a nonce.
    Entropy(EntropyError),
}

impl From<EntropyError> for WalletError {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<otp_core::Error> for WalletError {
    fn from(_: otp_core::Error) -> Self {
        // The core refuses only the empty key.
        Self::KeyLength
    }
}

impl fmt::Display for WalletError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tag => {
                "tag must be 1 to 64 ASCII letters, digits, '_', '.' and '-', not beginning with a mark"
            }
            Self::Line { line, error } => {
                return write!(f, "line {line} of the application secrets {error}");
            }
            Self::EmptySecret => "application secret must not be empty",
            Self::ShortSecret => "application secret must have at least 16 bytes",
            Self::DuplicateTag => "two application secrets have one tag",
            Self::DuplicateSecret => "one application secret has two tags",
            Self::UnknownTag => "tag has no application secret",
            Self::Salt => "salt must have 16 to 64 bytes",
            Self::Memory => "not enough memory to derive an application secret",
            Self::Form => "malformed sealed key",
            Self::Version => "sealed key has an unknown version or algorithm",
            Self::KeyLength => "key to seal must have 1 to 256 bytes",
            Self::WrongSecret => "sealed key was not sealed by the application secret of its tag",
            Self::Tampered => "sealed key was changed or belongs elsewhere",
            Self::Entropy(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for WalletError {}

otp_core::__debug_error!(enum WalletError {
    Tag,
    Line { line, error },
    EmptySecret,
    ShortSecret,
    DuplicateTag,
    DuplicateSecret,
    UnknownTag,
    Salt,
    Memory,
    Form,
    Version,
    KeyLength,
    WrongSecret,
    Tampered,
    Entropy(error),
});

/// Why a line of application secrets is not valid. The text follows the number of the line.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// It has no colon.
    Colon,
    /// The tag has an invalid character, no character, or more than 64.
    Tag,
    /// An earlier line has the tag.
    DuplicateTag,
    /// The secret has no bytes.
    EmptySecret,
    /// The secret has a quotation mark. The quotes of other formats would be part of it.
    Quote,
    /// The secret has a control character or an invisible one.
    Character,
    /// The last line has no end: the text may be cut off.
    Unfinished,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Colon => "has no colon",
            Self::Tag => {
                "must begin with a tag of 1 to 64 ASCII letters, digits, '_', '.' and '-', not \
                 beginning with a mark"
            }
            Self::DuplicateTag => "has the tag of an earlier line",
            Self::EmptySecret => "must not have an empty secret",
            Self::Quote => "must not have quotation marks in its secret",
            Self::Character => "must not have control or invisible characters in its secret",
            Self::Unfinished => "has no end: the file may be cut off",
        })
    }
}

impl core::error::Error for LineError {}

otp_core::__debug_error!(
    enum LineError {
        Colon,
        Tag,
        DuplicateTag,
        EmptySecret,
        Quote,
        Character,
        Unfinished,
    }
);
