//! Guides, as pages of this documentation.

#[cfg(feature = "sqlite")]
#[doc = include_str!("../guide/server.md")]
pub mod server {}

#[doc = include_str!("../guide/accounts.md")]
pub mod accounts {}

#[cfg(feature = "sqlite")]
#[doc = include_str!("../guide/tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("../guide/from-totp-rs.md")]
pub mod from_totp_rs {}

#[doc = include_str!("../guide/from-passlib.md")]
pub mod from_passlib {}

// The program needs axum, so `login` tests it.
#[cfg(not(doctest))]
#[doc = include_str!("../guide/axum.md")]
pub mod axum {}
