#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a hash no generator can exist, so the code of generators is unreachable.
#![cfg_attr(
    not(any(feature = "sha1", feature = "sha256", feature = "sha512")),
    allow(unused, unreachable_code)
)]

extern crate alloc;
#[cfg(feature = "qr")]
extern crate std;

#[cfg(feature = "migration")]
mod any_uri;
mod bare_key;
mod canonical;
mod error;
mod escape;
mod finding;
mod generator;
mod html;
mod key_uri;
mod label;
#[cfg(feature = "migration")]
pub mod migration;
mod number;
mod otp_kind;
mod parameters;
mod parsed_uri;
mod part;
#[cfg(feature = "qr")]
mod qr;
mod reader;
mod second;
mod source;
mod text;
mod uri_text;

#[cfg(feature = "migration")]
pub use crate::any_uri::AnyUri;
pub use crate::bare_key::BareKey;
pub use crate::error::{Error, ErrorKind};
pub use crate::finding::{Finding, FindingKind, Findings};
pub use crate::generator::Generator;
pub use crate::key_uri::KeyUri;
pub use crate::label::Label;
pub use crate::otp_kind::OtpKind;
pub use crate::parsed_uri::ParsedUri;
pub use crate::part::Part;
#[cfg(feature = "qr")]
pub use crate::qr::Qr;
pub use crate::second::is_uri;
pub use crate::uri_text::UriText;

/// The longest URI that is read or written, in bytes.
pub const MAX_LENGTH: usize = 8192;
