//! Guides, as pages of this documentation.

#[cfg(all(feature = "input", feature = "sha1"))]
#[doc = include_str!("../guide/authenticator.md")]
pub mod authenticator {}
