use otp_core::{Algorithm, CodeFormat, Digits, Period};

/// The type of codes and their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtpKind {
    /// Time-based codes (RFC 6238).
    Totp {
        /// The hash. Default of a URI: SHA-1.
        algorithm: Algorithm,
        /// The length of a code. Default of a URI: 6.
        digits: Digits,
        /// The time that a code is valid. Default of a URI: 30 seconds.
        period: Period,
    },
    /// Counter-based codes (RFC 4226).
    Hotp {
        /// The hash. Default of a URI: SHA-1.
        algorithm: Algorithm,
        /// The length of a code. Default of a URI: 6.
        digits: Digits,
        /// The next counter.
        counter: u64,
    },
    /// Steam Guard: time-based codes of five letters and digits, with SHA-1 and 30 seconds.
    #[cfg(feature = "sha1")]
    Steam,
}

impl OtpKind {
    /// Returns the type as a URI names it: `totp`, `hotp` or `steam`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp { .. } => "totp",
            Self::Hotp { .. } => "hotp",
            #[cfg(feature = "sha1")]
            Self::Steam => "steam",
        }
    }

    /// Returns the hash. Steam Guard uses SHA-1.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Totp { algorithm, .. } | Self::Hotp { algorithm, .. } => algorithm,
            #[cfg(feature = "sha1")]
            Self::Steam => Algorithm::Sha1,
        }
    }

    /// Returns the format of the codes: decimal digits, or that of Steam Guard.
    #[must_use]
    pub const fn format(self) -> CodeFormat {
        match self {
            Self::Totp { digits, .. } | Self::Hotp { digits, .. } => CodeFormat::Decimal(digits),
            #[cfg(feature = "sha1")]
            Self::Steam => CodeFormat::Steam,
        }
    }
}

/// TOTP with SHA-1, six digits and 30 seconds: the defaults of a URI.
#[cfg(feature = "sha1")]
impl Default for OtpKind {
    fn default() -> Self {
        Self::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY }
    }
}
