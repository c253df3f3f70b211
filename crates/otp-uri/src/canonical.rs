use core::fmt;

use otp_core::{Algorithm, Digits, Period};

use crate::escape::encode;
use crate::{KeyUri, Label, OtpKind};

/// Writes the canonical form, **with the key**: names are percent-encoded, defaults are left out, and
/// a counter is always written.
impl fmt::Display for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "otpauth://{}/", self.kind().name())?;
        path(self.label(), f)?;
        write!(f, "?secret={}", self.secret().reveal_base32().as_str())?;
        match *self.kind() {
            OtpKind::Totp { algorithm, digits, period } => {
                hash_and_length(algorithm, digits, f)?;
                if period != Period::THIRTY {
                    write!(f, "&period={period}")?;
                }
            }
            OtpKind::Hotp { algorithm, digits, counter } => {
                hash_and_length(algorithm, digits, f)?;
                write!(f, "&counter={counter}")?;
            }
            #[cfg(feature = "sha1")]
            OtpKind::Steam => {}
        }
        if let Some(issuer) = self.label().issuer() {
            f.write_str("&issuer=")?;
            encode(issuer, None, f)?;
        }
        Ok(())
    }
}

fn path(label: &Label, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let account = label.account();
    if let Some(issuer) = label.issuer() {
        encode(issuer, Some(b'@'), f)?;
        f.write_str(":")?;
    } else if account.contains(':') || matches!(account, "." | "..") {
        // After an empty issuer, a colon does not end the issuer, and dots are not a path segment.
        f.write_str(":")?;
    }
    encode(account, Some(b'@'), f)
}

fn hash_and_length(
    algorithm: Algorithm,
    digits: Digits,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if !is_default(algorithm) {
        write!(f, "&algorithm={algorithm}")?;
    }
    if digits != Digits::SIX {
        write!(f, "&digits={digits}")?;
    }
    Ok(())
}

/// Returns whether an algorithm is the default of a URI.
const fn is_default(algorithm: Algorithm) -> bool {
    match algorithm {
        #[cfg(feature = "sha1")]
        Algorithm::Sha1 => true,
        _ => false,
    }
}
