//! Keys at rest: application secrets, and the wallet that seals users' keys under them.

#[cfg(feature = "wallet")]
mod application_secret;
mod binding;
#[cfg(feature = "wallet")]
mod derivation;
#[cfg(feature = "wallet")]
mod error;
#[cfg(feature = "wallet")]
mod key_ring;
#[cfg(feature = "passlib")]
pub mod passlib;
mod reseal;
#[cfg(feature = "wallet")]
mod sealed_key;
#[cfg(feature = "wallet")]
mod secrets;
#[cfg(all(feature = "wallet", feature = "std"))]
mod secrets_file;
#[cfg(feature = "wallet")]
mod tag;

#[cfg(feature = "wallet")]
pub use self::application_secret::ApplicationSecret;
pub use self::binding::Binding;
#[cfg(feature = "wallet")]
pub use self::error::{LineError, WalletError};
#[cfg(feature = "wallet")]
pub use self::key_ring::{Unsealed, Wallet};
pub use self::reseal::Reseal;
#[cfg(feature = "wallet")]
pub use self::sealed_key::SealedKey;
#[cfg(feature = "wallet")]
pub use self::secrets::Secrets;
#[cfg(all(feature = "wallet", feature = "std"))]
pub use self::secrets_file::SecretsFileError;
#[cfg(feature = "wallet")]
pub use self::tag::Tag;
