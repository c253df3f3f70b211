use otp_core::{Code, TotpToken};

/// A code that a credential made, with its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Of a time step, with its beginning and its end.
    Totp(TotpToken),
    /// Of a counter.
    Hotp {
        /// The code.
        code: Code,
        /// The counter.
        counter: u64,
    },
}

impl Token {
    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Totp(token) => token.code(),
            Self::Hotp { code, .. } => *code,
        }
    }

    /// Returns the counter.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        match self {
            Self::Totp(token) => token.counter(),
            Self::Hotp { counter, .. } => *counter,
        }
    }

    /// Returns the token of a time step.
    #[must_use]
    pub const fn totp(&self) -> Option<&TotpToken> {
        match self {
            Self::Totp(token) => Some(token),
            Self::Hotp { .. } => None,
        }
    }
}
