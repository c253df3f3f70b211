#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a hash no generator can exist, and what is left of one is unreachable.
#![cfg_attr(
    not(any(feature = "sha1", feature = "sha256", feature = "sha512")),
    allow(unused, unreachable_code)
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "alloc")]
mod accepted;
#[cfg(feature = "alloc")]
mod advance;
#[cfg(feature = "wallet")]
mod application_secret;
#[cfg(feature = "alloc")]
mod at_rest;
#[cfg(feature = "alloc")]
mod attempt;
#[cfg(feature = "alloc")]
mod binding;
#[cfg(feature = "alloc")]
mod charge;
mod clock;
mod clock_offset;
#[cfg(feature = "alloc")]
mod context;
#[cfg(feature = "alloc")]
mod credential;
#[cfg(feature = "wallet")]
mod derivation;
mod drift;
mod entropy;
#[cfg(feature = "alloc")]
mod error;
#[cfg(feature = "alloc")]
mod leeway;
mod odds;
#[cfg(feature = "passlib")]
mod passlib_key;
#[cfg(feature = "passlib")]
mod passlib_wallet;
mod policy;
#[cfg(feature = "alloc")]
mod record;
#[cfg(feature = "alloc")]
mod reseal;
#[cfg(feature = "alloc")]
mod rules;
#[cfg(feature = "wallet")]
mod sealed_key;
#[cfg(feature = "wallet")]
mod secrets;
#[cfg(all(feature = "wallet", feature = "std"))]
mod secrets_file;
#[cfg(feature = "alloc")]
mod source;
#[cfg(feature = "wallet")]
mod tag;
mod throttle;
#[cfg(feature = "alloc")]
mod token;
mod tracker;
#[cfg(feature = "wallet")]
mod wallet;
#[cfg(feature = "wallet")]
mod wallet_error;
mod weakness;

#[cfg(feature = "alloc")]
pub use crate::accepted::Accepted;
#[cfg(feature = "alloc")]
pub use crate::advance::{Advance, AttemptId};
#[cfg(feature = "wallet")]
pub use crate::application_secret::ApplicationSecret;
#[cfg(feature = "alloc")]
pub use crate::attempt::{Attempt, Matched};
#[cfg(feature = "alloc")]
pub use crate::binding::Binding;
#[cfg(feature = "alloc")]
pub use crate::charge::Charge;
pub use crate::clock::ClockError;
#[cfg(feature = "std")]
pub use crate::clock::{now, unix_time};
pub use crate::clock_offset::ClockOffset;
#[cfg(feature = "alloc")]
pub use crate::context::OtpContext;
#[cfg(feature = "alloc")]
pub use crate::credential::Credential;
pub use crate::drift::Drift;
pub use crate::entropy::EntropyError;
#[cfg(feature = "getrandom")]
pub use crate::entropy::{fill, generate, generate_bytes};
#[cfg(feature = "alloc")]
pub use crate::error::Error;
#[cfg(feature = "alloc")]
pub use crate::leeway::Leeway;
#[cfg(feature = "passlib")]
pub use crate::passlib_key::{PasslibError, PasslibKey, Predecessor};
#[cfg(feature = "passlib")]
pub use crate::passlib_wallet::{PasslibWallet, Unauthenticated};
pub use crate::policy::{Policy, WindowTooWide};
#[cfg(feature = "alloc")]
pub use crate::record::{Record, StoredKey};
#[cfg(feature = "alloc")]
pub use crate::reseal::Reseal;
#[cfg(feature = "alloc")]
pub use crate::rules::Rules;
#[cfg(feature = "wallet")]
pub use crate::sealed_key::SealedKey;
#[cfg(feature = "wallet")]
pub use crate::secrets::Secrets;
#[cfg(all(feature = "wallet", feature = "std"))]
pub use crate::secrets_file::SecretsFileError;
#[cfg(feature = "alloc")]
pub use crate::source::Source;
#[cfg(feature = "wallet")]
pub use crate::tag::Tag;
pub use crate::throttle::{Lock, Locked, Permit, Throttle};
#[cfg(feature = "alloc")]
pub use crate::token::Token;
pub use crate::tracker::Tracker;
#[cfg(feature = "wallet")]
pub use crate::wallet::{Unsealed, Wallet};
#[cfg(feature = "wallet")]
pub use crate::wallet_error::{LineError, WalletError};
pub use crate::weakness::Weakness;
