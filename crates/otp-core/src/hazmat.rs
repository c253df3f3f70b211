//! Parts of the computation: for secure elements that keep the key, and for bulk engines.
//!
//! [`Hotp`](crate::Hotp) and [`Totp`](crate::Totp) are easier to use rightly.

use core::fmt;

use crate::scan::{Scan, counters};
use crate::{Code, CodeFormat, Error, HotpMatch, Period, Rejected, UnixTime, Window};

/// Returns the dynamic truncation of a MAC (RFC 4226 § 5.3, steps 1 and 2): 31 bits.
///
/// # Errors
///
/// [`Error::MacLength`] below 19 bytes, whatever the offset: HMAC-MD5 has 16 bytes, and would fail for
/// some counters only.
///
/// ```
/// use otp_core::{CodeFormat, hazmat};
///
/// let mac = *b"\x1f\x86\x98\x69\x0e\x02\xca\x16\x61\x85\x50\xef\x7f\x19\xda\x8e\x94\x5b\x55\x5a";
/// let truncated = hazmat::truncate(&mac)?;
/// assert_eq!(truncated, 0x50ef7f19);
/// assert_eq!(hazmat::code(truncated, CodeFormat::default()).text().as_str(), "872921");
/// # Ok::<(), otp_core::Error>(())
/// ```
pub fn truncate(mac: &[u8]) -> Result<u32, Error> {
    match mac {
        [_, .., last] if mac.len() >= 19 => {
            let word = mac.get(usize::from(last & 15)..).and_then(<[u8]>::first_chunk);
            let word = word.ok_or(Error::MacLength)?;
            Ok(u32::from_be_bytes(*word) & 0x7fff_ffff)
        }
        _ => Err(Error::MacLength),
    }
}

/// Returns the code of a truncated MAC (RFC 4226 § 5.3, step 3); the top bit is ignored.
#[must_use]
pub fn code(truncated: u32, format: CodeFormat) -> Code {
    format.code(truncated & 0x7fff_ffff)
}

/// Returns the time step that holds an instant (RFC 6238 § 4.2): 0 before `t0`.
#[must_use]
pub fn counter_at(time: UnixTime, t0: UnixTime, period: Period) -> u64 {
    period.steps_in(time.seconds_since(t0))
}

/// Why a code could not be made from a MAC that was computed elsewhere.
#[cfg_attr(not(feature = "alloc"), derive(Debug))]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MacError<E> {
    /// The call failed.
    Failed(E),
    /// The MAC has fewer than 19 bytes.
    Short,
}

impl<E> fmt::Display for MacError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("MAC could not be computed"),
            Self::Short => Error::MacLength.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for MacError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Short => None,
        }
    }
}

#[cfg(feature = "alloc")]
impl<E: fmt::Debug> fmt::Debug for MacError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            _ if !f.alternate() => fmt::Display::fmt(self, f),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Short => f.write_str("Short"),
        }
    }
}

/// Returns the code of a counter whose MAC is computed elsewhere: `mac` gets the message
/// (RFC 4226 § 5.1).
///
/// # Errors
///
/// - [`MacError::Failed`] with the error of `mac`.
/// - [`MacError::Short`] if the MAC has fewer than 19 bytes.
///
/// ```
/// use otp_core::{CodeFormat, hazmat};
///
/// // A device that keeps the key and may fail.
/// let device = |message: [u8; 8]| -> Result<[u8; 20], core::fmt::Error> {
///     assert_eq!(message, [0, 0, 0, 0, 0, 0, 0, 1]);
///     Ok(*b"\x75\xa4\x8a\x19\xd4\xcb\xe1\x00\x64\x4e\x8a\xc1\x39\x7e\xea\x74\x7a\x2d\x33\xab")
/// };
/// let code = hazmat::generate(1, CodeFormat::default(), device)?;
/// assert_eq!(code.text().as_str(), "287082");
/// # Ok::<(), hazmat::MacError<core::fmt::Error>>(())
/// ```
pub fn generate<M: AsRef<[u8]>, E>(
    counter: u64,
    format: CodeFormat,
    mac: impl FnOnce([u8; 8]) -> Result<M, E>,
) -> Result<Code, MacError<E>> {
    Ok(format.code(truncated(counter, mac)?))
}

/// Verifies like [`Hotp::verify`](crate::Hotp::verify), with each MAC computed elsewhere.
///
/// `format` is that of the credential, `expected` the middle of the window, and `next` the lowest
/// unspent counter. For HOTP both are the same.
///
/// # Errors
///
/// - The outer result has those of [`generate`]. Then the code was not compared.
/// - The inner result has those of [`Hotp::verify`](crate::Hotp::verify).
pub fn verify<M: AsRef<[u8]>, E>(
    code: Code,
    format: CodeFormat,
    expected: u64,
    next: u64,
    window: Window,
    mut mac: impl FnMut([u8; 8]) -> Result<M, E>,
) -> Result<Result<HotpMatch, Rejected>, MacError<E>> {
    let mut scan = Scan::new(expected, next);
    // A code of another format never matches.
    if code.format() == format {
        for counter in counters(expected, window) {
            scan.see(counter, code.matches(truncated(counter, &mut mac)?));
        }
    }
    Ok(scan.finish().map(|hit| HotpMatch::new(hit, expected)))
}

fn truncated<M: AsRef<[u8]>, E>(
    counter: u64,
    mac: impl FnOnce([u8; 8]) -> Result<M, E>,
) -> Result<u32, MacError<E>> {
    let mac = mac(counter.to_be_bytes()).map_err(MacError::Failed)?;
    truncate(mac.as_ref()).map_err(|_| MacError::Short)
}

#[cfg(any(feature = "sha1", feature = "sha256", feature = "sha512"))]
pub use self::prepared::{Midstates, midstates};

#[cfg(any(feature = "sha1", feature = "sha256", feature = "sha512"))]
mod prepared {
    use core::fmt;

    use crate::{Hotp, midstates as kept};

    /// A prepared key: the hash states after the inner and the outer pad (RFC 2104 § 4).
    ///
    /// They are as secret as the key.
    #[derive(Clone, Copy)]
    #[non_exhaustive]
    pub enum Midstates<'a> {
        /// For SHA-1.
        #[cfg(feature = "sha1")]
        Sha1 {
            /// After the inner pad.
            inner: &'a [u32; 5],
            /// After the outer pad.
            outer: &'a [u32; 5],
        },
        /// For SHA-256.
        #[cfg(feature = "sha256")]
        Sha256 {
            /// After the inner pad.
            inner: &'a [u32; 8],
            /// After the outer pad.
            outer: &'a [u32; 8],
        },
        /// For SHA-512.
        #[cfg(feature = "sha512")]
        Sha512 {
            /// After the inner pad.
            inner: &'a [u64; 8],
            /// After the outer pad.
            outer: &'a [u64; 8],
        },
    }

    impl fmt::Debug for Midstates<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Midstates").finish_non_exhaustive()
        }
    }

    /// Returns the prepared key of a generator.
    #[must_use]
    pub fn midstates(hotp: &Hotp) -> Midstates<'_> {
        match &hotp.midstates {
            #[cfg(feature = "sha1")]
            kept::Midstates::Sha1(key) => Midstates::Sha1 { inner: &key.inner, outer: &key.outer },
            #[cfg(feature = "sha256")]
            kept::Midstates::Sha256(key) => {
                Midstates::Sha256 { inner: &key.inner, outer: &key.outer }
            }
            #[cfg(feature = "sha512")]
            kept::Midstates::Sha512(key) => {
                Midstates::Sha512 { inner: &key.inner, outer: &key.outer }
            }
        }
    }
}
