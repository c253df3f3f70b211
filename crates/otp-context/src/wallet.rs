//! Keys at rest: application secrets, and the wallet that encrypts users' keys under them.

#[cfg(feature = "wallet")]
mod application_secret;
#[cfg(feature = "wallet")]
mod application_secrets;
#[cfg(feature = "wallet")]
pub(crate) mod derivation;
#[cfg(feature = "wallet")]
mod error;
mod key_owner;
#[cfg(feature = "wallet")]
mod key_ring;
#[cfg(feature = "passlib")]
pub mod passlib;
mod reseal;
#[cfg(feature = "wallet")]
pub(crate) mod sealed_key;
#[cfg(all(feature = "wallet", feature = "std"))]
mod secrets_file;
#[cfg(feature = "wallet")]
mod tag;

#[cfg(feature = "wallet")]
pub use self::application_secret::ApplicationSecret;
#[cfg(feature = "wallet")]
pub use self::application_secrets::ApplicationSecrets;
#[cfg(feature = "wallet")]
pub use self::error::{LineError, WalletError};
pub use self::key_owner::KeyOwner;
#[cfg(feature = "wallet")]
pub use self::key_ring::{OpenedKey, Wallet};
pub use self::reseal::Reseal;
#[cfg(feature = "wallet")]
pub use self::sealed_key::SealedKey;
#[cfg(all(feature = "wallet", feature = "std"))]
pub use self::secrets_file::SecretsFileError;
#[cfg(feature = "wallet")]
pub use self::tag::Tag;
