#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod id;
#[cfg(feature = "sqlite")]
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
mod verdict;
#[cfg(feature = "sqlite")]
mod verifier;

pub use crate::error::Error;
pub use crate::id::CredentialId;
#[cfg(feature = "sqlite")]
pub use crate::sqlite::Sqlite;
pub use crate::verdict::{Accepted, Reason, Rejection, Status, Verdict};
#[cfg(feature = "sqlite")]
pub use crate::verifier::Verifier;

/// The example of the workspace's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
