//! Guides, as pages of this documentation.

#[cfg(all(feature = "alloc", feature = "sha1"))]
#[doc = include_str!("../guide/firmware.md")]
pub mod firmware {}
