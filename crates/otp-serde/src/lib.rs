#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod fields;
mod form_error;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "input")]
mod input;
mod lock;
#[cfg(feature = "alloc")]
mod name;
mod number;
mod option;
#[cfg(feature = "alloc")]
mod optional_fields;
#[cfg(feature = "wallet")]
mod record_error;
mod text;

pub mod algorithm;
pub mod counter;
pub mod digits;
pub mod drift;
#[cfg(feature = "alloc")]
pub mod key_uri_fields;
#[cfg(feature = "alloc")]
pub mod key_uri_text;
#[cfg(feature = "alloc")]
pub mod label;
#[cfg(feature = "alloc")]
pub mod otp_kind;
#[cfg(feature = "passlib")]
pub mod passlib;
pub mod period;
#[cfg(feature = "wallet")]
pub mod record;
#[cfg(feature = "wallet")]
pub mod revealed_record;
#[cfg(feature = "wallet")]
pub mod sealed_key;
#[cfg(feature = "alloc")]
pub mod secret;
#[cfg(feature = "wallet")]
pub mod secrets;
#[cfg(feature = "wallet")]
pub mod tag;
pub mod throttle;
pub mod time;
pub mod tracker;
pub mod window;

#[cfg(feature = "input")]
pub use crate::input::{Imported, Input, InputError, is_record};
#[cfg(feature = "wallet")]
pub use crate::record_error::{RecordError, RecordErrorKind};
