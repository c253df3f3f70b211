//! Recovery codes: a user who has lost every authenticator logs in with one of ten codes on paper. Each
//! code works once.
//!
//! ```
//! use otp_context::OtpContext;
//! use otp_context::recovery::{RecoveryCode, RecoveryCodeSize, RecoveryOwner};
//! use otp_context::wallet::{ApplicationSecrets, Wallet};
//!
//! let secrets = ApplicationSecrets::parse(
//!     "2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq",
//! )?;
//! let context =
//!     OtpContext::new().with_wallet(Wallet::new("2026".parse()?, &secrets)?);
//! let alice = RecoveryOwner::new("user-4711");
//!
//! // Make ten codes. Show them now, once, and store the set.
//! let (codes, set) =
//!     context.new_recovery_codes(alice, RecoveryCodeSize::Standard)?;
//! for code in &codes {
//!     println!("{}", code.reveal().as_str());
//! }
//! let key_column = set.key().map(ToString::to_string);
//!
//! // Recover: count the attempt, then look for the digest of the typed code.
//! # let typed = codes.iter().next().map(|code| code.reveal().as_str().to_lowercase());
//! # let typed = typed.unwrap_or_default();
//! let code = RecoveryCode::parse(&typed)?;
//! let sealed = key_column.map(|text| text.parse()).transpose()?;
//! let key = context.open_recovery_key(sealed.as_ref(), alice, set.id())?;
//! assert!(set.digests().contains(&key.digest(&code)));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! The values do no I/O. The application, or `otp-store`, counts the attempt before it compares, and spends
//! a code by one conditional write.
//!
//! # At rest
//!
//! A set is stored as its id, its sealed key and ten digests. A digest is HMAC-SHA-256 under the set's key
//! of 32 random bytes. So a thief of the database cannot search for codes, not even for short ones. A set
//! that was made without a wallet has no key. Its codes have 24 symbols, and a digest is SHA-256.
//!
//! Both hash the same message: `otp recovery v1`, the namespace, the account, the set's id, the number of
//! symbols, and the symbols in upper case without hyphens. Numbers are decimal text. Before each part stands
//! its length in bytes, as 8 bytes, lowest first. So a row is worth nothing in another account or set.

mod code;
mod digest;
mod malformed;
pub(crate) mod opened_key;
mod owner;
mod sealed_key;
mod set;
mod set_id;
mod size;

pub use self::code::{RecoveryCode, RecoveryCodeText};
pub use self::digest::RecoveryDigest;
pub use self::malformed::MalformedRecoveryCode;
pub use self::opened_key::OpenedRecoveryKey;
pub use self::owner::RecoveryOwner;
pub use self::sealed_key::SealedRecoveryKey;
pub use self::set::{RecoveryCodes, RecoverySet};
pub use self::set_id::RecoverySetId;
pub use self::size::RecoveryCodeSize;
