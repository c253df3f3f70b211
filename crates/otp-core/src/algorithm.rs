use core::fmt;
use core::str::FromStr;

use crate::Error;

/// The hash under HMAC (RFC 6238 § 1.2).
///
/// Each variant exists with the feature of its name, so an algorithm that can be named can be
/// computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "sha1", derive(Default))]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA-1, the default everywhere (RFC 4226 § 5.2).
    #[cfg(feature = "sha1")]
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    #[cfg(feature = "sha256")]
    Sha256,
    /// HMAC-SHA-512.
    #[cfg(feature = "sha512")]
    Sha512,
}

impl Algorithm {
    /// Every algorithm of this build.
    pub const ALL: &'static [Self] = &[
        #[cfg(feature = "sha1")]
        Self::Sha1,
        #[cfg(feature = "sha256")]
        Self::Sha256,
        #[cfg(feature = "sha512")]
        Self::Sha512,
    ];

    /// Returns the name that the Key URI Format uses: `SHA1`, `SHA256` or `SHA512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1 => "SHA1",
            #[cfg(feature = "sha256")]
            Self::Sha256 => "SHA256",
            #[cfg(feature = "sha512")]
            Self::Sha512 => "SHA512",
        }
    }

    /// Returns the length of the hash in bytes (20, 32 or 64), which is the length a new key should have
    /// (RFC 6238 § 5.1).
    #[must_use]
    pub const fn output_size(self) -> usize {
        match self {
            #[cfg(feature = "sha1")]
            Self::Sha1 => 20,
            #[cfg(feature = "sha256")]
            Self::Sha256 => 32,
            #[cfg(feature = "sha512")]
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads every spelling in use, in any case: `SHA1`, `sha-256`, `SHA2-512`, `HmacSHA256`,
/// `Algorithm.SHA1` and so on.
///
/// # Errors
///
/// [`Error::Algorithm`] for any other name, the empty one included: a guess would make wrong
/// codes.
///
/// ```
/// use otp_core::Algorithm;
///
/// assert_eq!("HmacSHA256".parse(), Ok(Algorithm::Sha256));
/// assert!("SHA-333".parse::<Algorithm>().is_err());
/// ```
impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bare = strip_prefix(strip_prefix(text.as_bytes(), b"Algorithm."), b"Hmac");
        // No spelling has more than seven letters once its separators are gone, and what is left
        // of the seven no spelling can fill.
        let mut name = [b' '; 7];
        let mut slots = name.iter_mut();
        for byte in bare.iter().filter(|byte| !matches!(byte, b'-' | b'_' | b'/' | b' ')) {
            *slots.next().ok_or(Error::Algorithm)? = byte.to_ascii_uppercase();
        }
        match &name {
            #[cfg(feature = "sha1")]
            b"SHA1   " => Ok(Self::Sha1),
            #[cfg(feature = "sha256")]
            b"SHA256 " | b"SHA2256" => Ok(Self::Sha256),
            #[cfg(feature = "sha512")]
            b"SHA512 " | b"SHA2512" => Ok(Self::Sha512),
            _ => Err(Error::Algorithm),
        }
    }
}

fn strip_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    match text.split_at_checked(prefix.len()) {
        Some((head, tail)) if head.eq_ignore_ascii_case(prefix) => tail,
        _ => text,
    }
}
