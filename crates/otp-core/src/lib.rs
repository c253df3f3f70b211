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

mod algorithm;
pub mod base32;
mod code;
mod compress;
mod debug;
mod digits;
mod division;
mod error;
pub mod hazmat;
pub mod hex;
mod hotp;
mod midstates;
mod outcome;
mod period;
mod repairs;
mod scan;
#[cfg(feature = "alloc")]
mod secret;
mod time;
mod token;
mod totp;
mod window;

pub use crate::algorithm::Algorithm;
pub use crate::code::{Code, CodeFormat, CodeText};
pub use crate::digits::Digits;
pub use crate::error::{Error, Malformed, Rejected};
pub use crate::hotp::Hotp;
pub use crate::outcome::{HotpMatch, TotpMatch};
pub use crate::period::Period;
pub use crate::repairs::Repairs;
#[cfg(feature = "alloc")]
pub use crate::secret::{Secret, SecretText};
pub use crate::time::UnixTime;
pub use crate::token::TotpToken;
pub use crate::totp::Totp;
pub use crate::window::Window;
