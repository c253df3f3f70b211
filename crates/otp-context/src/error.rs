use core::fmt;

use otp_core::{Rejected, UnixTime};

#[cfg(feature = "wallet")]
use crate::wallet::WalletError;
#[cfg(feature = "passlib")]
use crate::wallet::passlib::PasslibError;
use crate::{ClockError, EntropyError};

/// Why a call of a context or a credential failed.
///
/// The text names the part and never repeats the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The code was not accepted.
    Rejected(Rejected),
    /// The code of this time step is spent, or the clock went back.
    Used {
        /// When the next step begins, which has the next code.
        until: UnixTime,
    },
    /// The counter has reached its end.
    Exhausted,
    /// The clock cannot be read.
    Clock(ClockError),
    /// There is no entropy.
    Entropy(EntropyError),
    /// The URI cannot be read, or the label cannot be part of one.
    Uri(otp_uri::Error),
    /// The key or a parameter is not valid.
    Key(otp_core::Error),
    /// The credential has no account, which a URI needs.
    NoAccount,
    /// The window has more than 255 steps on one side.
    Tolerance,
    /// The context has no wallet.
    NoWallet,
    /// The key is stored in plain text, though there is a wallet.
    PlainKey,
    /// Recovery codes without a wallet must have 24 symbols.
    #[cfg(feature = "wallet")]
    RecoveryCodeSize,
    /// The recovery codes were made without a key, though there is a wallet.
    #[cfg(feature = "wallet")]
    NoRecoveryKey,
    /// The wallet failed.
    #[cfg(feature = "wallet")]
    Wallet(WalletError),
    /// A key encrypted by passlib cannot be read or written.
    #[cfg(feature = "passlib")]
    Passlib(PasslibError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(error) => error.fmt(f),
            Self::Used { until } => write!(f, "code of this step is used, next one at {until}"),
            Self::Exhausted => f.write_str("counter has reached its end"),
            Self::Clock(error) => error.fmt(f),
            Self::Entropy(error) => error.fmt(f),
            Self::Uri(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::NoAccount => f.write_str("credential has no account"),
            Self::Tolerance => f.write_str("window must have at most 255 steps on each side"),
            Self::NoWallet => f.write_str("context has no wallet"),
            Self::PlainKey => f.write_str("key is stored in plain text"),
            #[cfg(feature = "wallet")]
            Self::RecoveryCodeSize => {
                f.write_str("recovery codes must have 24 symbols without a wallet")
            }
            #[cfg(feature = "wallet")]
            Self::NoRecoveryKey => f.write_str("recovery codes were made without a key"),
            #[cfg(feature = "wallet")]
            Self::Wallet(error) => error.fmt(f),
            #[cfg(feature = "passlib")]
            Self::Passlib(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

otp_core::__debug_error!(enum Error: Rejected {
    Rejected(error),
    Used { until },
    Exhausted,
    Clock(error),
    Entropy(error),
    Uri(error),
    Key(error),
    NoAccount,
    Tolerance,
    NoWallet,
    PlainKey,
    #[cfg(feature = "wallet")]
    RecoveryCodeSize,
    #[cfg(feature = "wallet")]
    NoRecoveryKey,
    #[cfg(feature = "wallet")]
    Wallet(error),
    #[cfg(feature = "passlib")]
    Passlib(error),
});

impl From<Rejected> for Error {
    fn from(error: Rejected) -> Self {
        Self::Rejected(error)
    }
}

impl From<otp_core::Error> for Error {
    fn from(error: otp_core::Error) -> Self {
        Self::Key(error)
    }
}

impl From<ClockError> for Error {
    fn from(error: ClockError) -> Self {
        Self::Clock(error)
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<otp_uri::Error> for Error {
    fn from(error: otp_uri::Error) -> Self {
        Self::Uri(error)
    }
}

#[cfg(feature = "wallet")]
impl From<WalletError> for Error {
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
    }
}

#[cfg(feature = "passlib")]
impl From<PasslibError> for Error {
    fn from(error: PasslibError) -> Self {
        Self::Passlib(error)
    }
}
