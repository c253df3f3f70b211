#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "std")]
extern crate std;

mod blocks;
mod codes;
mod engine;
mod keys;
mod lanes;
mod one_key;
mod residue;
mod search;
mod sha1;
mod sha256;
mod sha512;
mod truncate;
mod width;

pub use crate::codes::Codes;
pub use crate::engine::Engine;
pub use crate::search::Search;
