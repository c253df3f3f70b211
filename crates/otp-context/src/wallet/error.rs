use core::fmt;

use crate::EntropyError;

/// Why application secrets are not usable, or a key is not sealed or opened.
///
/// The text names the part and never repeats the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalletError {
    /// The tag has a character that tags do not have, none at all, or more than 64.
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
    /// An application secret has fewer than 16 bytes: whoever steals the records could guess it.
    ShortSecret,
    /// One tag stands before two application secrets.
    DuplicateTag,
    /// One application secret stands under two tags.
    DuplicateSecret,
    /// No application secret has the tag.
    UnknownTag,
    /// A salt for a passphrase has fewer than 16 bytes or more than 64.
    Salt,
    /// The memory for deriving a secret from a passphrase is not there.
    Memory,
    /// The sealed key does not have the form of one.
    Form,
    /// The sealed key has another version or another algorithm.
    Version,
    /// The key has no bytes or more than 256.
    KeyLength,
    /// The application secret under the tag is not the one that sealed the key; or the nonce or
    /// the check value of the sealed key was changed, which looks the same.
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
        // The core refuses no key but the empty one.
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
            Self::DuplicateTag => "tag stands before two application secrets",
            Self::DuplicateSecret => "application secret stands under two tags",
            Self::UnknownTag => "tag has no application secret",
            Self::Salt => "salt must have 16 to 64 bytes",
            Self::Memory => "not enough memory to derive an application secret",
            Self::Form => "sealed key does not have the form of one",
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
    /// The tag has a character that tags do not have, none at all, or more than 64.
    Tag,
    /// An earlier line has the tag.
    DuplicateTag,
    /// The secret has no bytes.
    EmptySecret,
    /// The secret has a quotation mark. The quotes of other formats would be part of it.
    Quote,
    /// The secret has a control character or an invisible one.
    Character,
    /// The last line has no end: the text may be a copy that broke off.
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
            Self::Unfinished => "has no end: the file may be a copy that broke off",
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
