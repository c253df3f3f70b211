#![cfg_attr(
    feature = "getrandom",
    expect(clippy::disallowed_methods, reason = "the file that asks for entropy")
)]

use core::fmt;

#[cfg(feature = "alloc")]
use otp_core::Secret;

/// The shortest new key, in bytes (RFC 4226 § 4, R6).
#[cfg(feature = "alloc")]
const SHORTEST: usize = 16;
/// The longest new key, in bytes. No hash shortens it.
#[cfg(feature = "alloc")]
const LONGEST: usize = 128;

/// Makes a new key of so many bytes, with the operating system's entropy. RFC 6238 § 5.1 asks for the
/// length of the algorithm's hash ([`Algorithm::output_size`](otp_core::Algorithm::output_size)).
///
/// # Errors
///
/// - [`EntropyError::Length`] below 16 bytes, or above 128, of which no hash makes use. RFC 4226 § 4
///   says: "The length of the shared secret MUST be at least 128 bits."
/// - [`EntropyError::Unavailable`] if the operating system gives no entropy. There is no fallback.
///
/// ```
/// use otp_core::Algorithm;
///
/// let secret = otp_context::new_secret(Algorithm::Sha1.output_size())?;
/// assert_eq!(secret.len(), 20);
/// # Ok::<(), otp_context::EntropyError>(())
/// ```
#[cfg(feature = "getrandom")]
pub fn new_secret(bytes: usize) -> Result<Secret, EntropyError> {
    secret_from(bytes, fill)
}

/// Makes a new key of so many bytes with the caller's entropy.
#[cfg(feature = "alloc")]
pub(crate) fn secret_from(
    bytes: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
) -> Result<Secret, EntropyError> {
    if !(SHORTEST..=LONGEST).contains(&bytes) {
        return Err(EntropyError::Length);
    }
    Secret::fill_with(bytes, fill)
}

/// Fills a buffer with the operating system's entropy.
///
/// # Errors
///
/// [`EntropyError::Unavailable`] if there is no entropy. Do not use the buffer then.
#[cfg(feature = "getrandom")]
pub fn fill(buffer: &mut [u8]) -> Result<(), EntropyError> {
    getrandom::fill(buffer).map_err(|_| EntropyError::Unavailable)
}

/// Why a new key could not be made.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntropyError {
    /// The length is outside 16 to 128 bytes.
    Length,
    /// The number of bits is outside 1 to 4096.
    Bits,
    /// The alphabet has fewer than two characters, more than 128, one twice, or one that is not
    /// ASCII.
    Alphabet,
    /// The source of entropy failed.
    Unavailable,
}

impl From<otp_core::Error> for EntropyError {
    fn from(_: otp_core::Error) -> Self {
        // The core refuses only the empty key.
        Self::Length
    }
}

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "new secret must have 16 to 128 bytes",
            Self::Bits => "new application secret must have 1 to 4096 bits",
            Self::Alphabet => "alphabet must have 2 to 128 different ASCII characters",
            Self::Unavailable => "there is no entropy",
        })
    }
}

impl core::error::Error for EntropyError {}

otp_core::__debug_error!(
    enum EntropyError {
        Length,
        Bits,
        Alphabet,
        Unavailable,
    }
);
