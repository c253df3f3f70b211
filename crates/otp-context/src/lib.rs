#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a hash no generator can exist, so the code of one is unreachable.
#![cfg_attr(
    not(any(feature = "sha1", feature = "sha256", feature = "sha512")),
    allow(unused, unreachable_code)
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod clock;
#[cfg(feature = "alloc")]
mod consumed;
#[cfg(feature = "alloc")]
mod context;
#[cfg(feature = "alloc")]
mod credential;
mod entropy;
#[cfg(feature = "alloc")]
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod key_weakness;
#[cfg(feature = "alloc")]
mod record;
#[cfg(feature = "wallet")]
pub mod recovery;
pub mod replay;
#[cfg(feature = "alloc")]
mod token;
#[cfg(feature = "alloc")]
mod tolerance;
#[cfg(feature = "alloc")]
pub mod wallet;

pub use crate::clock::ClockError;
#[cfg(feature = "std")]
pub use crate::clock::{now, unix_time};
#[cfg(feature = "alloc")]
pub use crate::consumed::Consumed;
#[cfg(feature = "alloc")]
pub use crate::context::OtpContext;
#[cfg(feature = "alloc")]
pub use crate::credential::Credential;
pub use crate::entropy::EntropyError;
#[cfg(feature = "getrandom")]
pub use crate::entropy::{fill, new_secret};
#[cfg(feature = "alloc")]
pub use crate::error::Error;
pub use crate::key_weakness::KeyWeakness;
#[cfg(feature = "alloc")]
pub use crate::record::{Record, StoredKey};
#[cfg(feature = "alloc")]
pub use crate::token::Token;
#[cfg(feature = "alloc")]
pub use crate::tolerance::Tolerance;
