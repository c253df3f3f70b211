use core::fmt;

/// A typed text that is no recovery code. It can never match, so a server need not count it as an attempt.
///
/// The text of the error never repeats the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedRecoveryCode {
    /// The text has a character that is neither a symbol nor a separator.
    Character,
    /// The text has neither 16 nor 24 symbols, or it has more than 128 bytes.
    Length,
}

impl fmt::Display for MalformedRecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => "recovery code contains an invalid character",
            Self::Length => "recovery code must have 16 or 24 symbols",
        })
    }
}

impl core::error::Error for MalformedRecoveryCode {}

otp_core::__debug_error!(
    enum MalformedRecoveryCode {
        Character,
        Length,
    }
);
