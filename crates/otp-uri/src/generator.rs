use otp_core::{Code, Hotp, Malformed, Secret, Totp};

use crate::OtpKind;

/// The generator that a URI describes, with a prepared key: [`Totp`] or [`Hotp`].
#[derive(Debug)]
pub enum Generator {
    /// TOTP or Steam Guard.
    Totp(Totp),
    /// HOTP. [`OtpKind::Hotp`] has the counter.
    Hotp(Hotp),
}

impl Generator {
    /// Prepares a key for codes of a kind.
    #[must_use]
    pub fn new(kind: OtpKind, secret: &Secret) -> Self {
        let (algorithm, format) = (kind.algorithm(), kind.format());
        let totp = || Totp::from_secret(algorithm, secret).with_format(format);
        match kind {
            OtpKind::Totp { period, .. } => Self::Totp(totp().with_period(period)),
            OtpKind::Hotp { .. } => {
                Self::Hotp(Hotp::from_secret(algorithm, secret).with_format(format))
            }
            #[cfg(feature = "sha1")]
            OtpKind::Steam => Self::Totp(totp()),
        }
    }

    /// Reads a typed code in this generator's format.
    ///
    /// # Errors
    ///
    /// Those of [`CodeFormat::parse`](otp_core::CodeFormat::parse).
    pub fn parse(&self, text: &str) -> Result<Code, Malformed> {
        match self {
            Self::Totp(totp) => totp.parse(text),
            Self::Hotp(hotp) => hotp.parse(text),
        }
    }
}
