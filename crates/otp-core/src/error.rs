use core::fmt;

/// A parameter or a key that is not valid.
///
/// The text names the part and its bound and never repeats the input, which may be a key. With feature
/// `alloc`, `{:?}` is the text, too, and `{:#?}` the variant. Without it both are the variant: the
/// texts would take 700 bytes of flash in firmware that prints its panics.
#[cfg_attr(not(feature = "alloc"), derive(Debug))]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The algorithm is not one that this build knows.
    Algorithm,
    /// The number of digits is outside 6 to 10.
    Digits,
    /// The period is zero.
    Period,
    /// The key has no bytes.
    EmptyKey,
    /// The key's text has a character that its encoding lacks.
    KeyCharacter {
        /// Characters before it.
        position: usize,
    },
    /// The key's text has a length that no whole number of bytes encodes to.
    KeyLength,
    /// The key's text ends in padding or unused bits that the reader does not allow.
    KeyEnding,
    /// The key's text goes on after an equals sign, which only padding at the end has.
    KeyPadding,
    /// The buffer cannot hold the result.
    Buffer {
        /// Bytes that would be enough; for a key with separators or padding, fewer may be.
        needed: usize,
    },
    /// A MAC is too short to truncate (RFC 4226 § 5.3 reads up to byte 19).
    MacLength,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(all(feature = "sha1", feature = "sha256", feature = "sha512"))]
            Self::Algorithm => "algorithm must be SHA1, SHA256 or SHA512",
            #[cfg(not(all(feature = "sha1", feature = "sha256", feature = "sha512")))]
            Self::Algorithm => "algorithm is not one of this build",
            Self::Digits => "digits must be 6 to 10",
            Self::Period => "period must be at least 1 second",
            Self::EmptyKey => "secret must have at least 1 byte",
            Self::KeyCharacter { position } => {
                return write!(
                    f,
                    "secret has a character outside its encoding after {position} characters"
                );
            }
            Self::KeyLength => "secret has a length that encodes no whole number of bytes",
            Self::KeyEnding => "secret must not end in such padding or unused bits",
            Self::KeyPadding => "secret must not go on after an equals sign",
            Self::Buffer { needed } => {
                return write!(f, "buffer must have at least {needed} bytes");
            }
            Self::MacLength => "MAC must have at least 19 bytes",
        })
    }
}

impl core::error::Error for Error {}

#[cfg(feature = "alloc")]
crate::__debug_error!(enum Error {
    Algorithm,
    Digits,
    Period,
    EmptyKey,
    KeyCharacter { position },
    KeyLength,
    KeyEnding,
    KeyPadding,
    Buffer { needed },
    MacLength,
});

/// A typed text that is no code of this generator.
///
/// It can never match, so a server need not count it as an attempt.
#[cfg_attr(not(feature = "alloc"), derive(Debug))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The text has a character that is neither part of a code nor a separator.
    Character,
    /// The text has the wrong number of characters, separators aside.
    Length {
        /// The right number of characters.
        expected: u8,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character => f.write_str("code contains an invalid character"),
            Self::Length { expected } => write!(f, "code must have {expected} characters"),
        }
    }
}

impl core::error::Error for Malformed {}

#[cfg(feature = "alloc")]
crate::__debug_error!(enum Malformed {
    Character,
    Length { expected },
});

/// Why a code was not accepted.
///
/// `Display` is one text for every reason, fit for the user: to tell an attacker that a code was right
/// but used would help. [`Rejected::reason`] and `Debug` are for the log.
#[cfg_attr(not(feature = "alloc"), derive(Debug))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// The text is no code.
    Malformed(Malformed),
    /// No counter of the window has this code.
    Mismatch,
    /// A counter of the window has this code, and it is spent (RFC 6238 § 5.2).
    Replayed,
    /// No counter is left: `u64::MAX` is never accepted, since nothing could follow it.
    Exhausted,
}

impl Rejected {
    /// Returns the reason in one word, for logs and programs: `malformed`, `mismatch`, `replayed` or
    /// `exhausted`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Mismatch => "mismatch",
            Self::Replayed => "replayed",
            Self::Exhausted => "exhausted",
        }
    }
}

impl From<Malformed> for Rejected {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("code not accepted")
    }
}

impl core::error::Error for Rejected {}

#[cfg(feature = "alloc")]
impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // All reasons have one text, which would not tell two values of a test apart.
            _ if !f.alternate() => write!(f, "{self}: {}", self.reason()),
            Self::Malformed(malformed) => f.debug_tuple("Malformed").field(malformed).finish(),
            Self::Mismatch => f.write_str("Mismatch"),
            Self::Replayed => f.write_str("Replayed"),
            Self::Exhausted => f.write_str("Exhausted"),
        }
    }
}
