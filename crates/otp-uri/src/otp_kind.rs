use otp_core::{Algorithm, CodeFormat, Digits, Period};

/// The type of the codes that a key makes, and their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OtpKind {
    /// Codes that follow the time (RFC 6238).
    Totp {
        /// The hash, SHA-1 where a URI names none.
        algorithm: Algorithm,
        /// The length of a code, 6 where a URI says nothing.
        digits: Digits,
        /// How long a code lives, 30 seconds where a URI says nothing.
        period: Period,
    },
    /// Codes that follow a counter (RFC 4226).
    Hotp {
        /// The hash, SHA-1 where a URI names none.
        algorithm: Algorithm,
        /// The length of a code, 6 where a URI says nothing.
        digits: Digits,
        /// The next counter.
        counter: u64,
    },
    /// Steam Guard: time, SHA-1, 30 seconds, five letters and digits.
    #[cfg(feature = "sha1")]
    Steam,
}

impl OtpKind {
    /// The type as a URI names it: `totp`, `hotp` or `steam`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp { .. } => "totp",
            Self::Hotp { .. } => "hotp",
            #[cfg(feature = "sha1")]
            Self::Steam => "steam",
        }
    }

    /// The hash.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Totp { algorithm, .. } | Self::Hotp { algorithm, .. } => algorithm,
            #[cfg(feature = "sha1")]
            Self::Steam => Algorithm::Sha1,
        }
    }

    /// How codes are written.
    #[must_use]
    pub const fn format(self) -> CodeFormat {
        match self {
            Self::Totp { digits, .. } | Self::Hotp { digits, .. } => CodeFormat::Decimal(digits),
            #[cfg(feature = "sha1")]
            Self::Steam => CodeFormat::Steam,
        }
    }
}

/// TOTP with SHA-1, six digits and thirty seconds: what a URI means that says nothing.
#[cfg(feature = "sha1")]
impl Default for OtpKind {
    fn default() -> Self {
        Self::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY }
    }
}
