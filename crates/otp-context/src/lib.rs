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
mod clock;
#[cfg(feature = "alloc")]
mod context;
#[cfg(feature = "alloc")]
mod credential;
mod entropy;
#[cfg(feature = "alloc")]
mod error;
#[cfg(feature = "alloc")]
mod leeway;
#[cfg(feature = "alloc")]
mod record;
pub mod replay;
#[cfg(feature = "alloc")]
mod source;
#[cfg(feature = "alloc")]
mod token;
#[cfg(feature = "alloc")]
pub mod wallet;
mod weakness;

#[cfg(feature = "alloc")]
pub use crate::accepted::Accepted;
pub use crate::clock::ClockError;
#[cfg(feature = "std")]
pub use crate::clock::{now, unix_time};
#[cfg(feature = "alloc")]
pub use crate::context::OtpContext;
#[cfg(feature = "alloc")]
pub use crate::credential::Credential;
pub use crate::entropy::EntropyError;
#[cfg(feature = "getrandom")]
pub use crate::entropy::{fill, generate, generate_bytes};
#[cfg(feature = "alloc")]
pub use crate::error::Error;
#[cfg(feature = "alloc")]
pub use crate::leeway::Leeway;
#[cfg(feature = "alloc")]
pub use crate::record::{Record, StoredKey};
#[cfg(feature = "alloc")]
pub use crate::source::Source;
#[cfg(feature = "alloc")]
pub use crate::token::Token;
pub use crate::weakness::Weakness;
