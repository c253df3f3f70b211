#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

mod counter;
mod error;
mod page;

pub use crate::counter::FlashCounter;
pub use crate::error::Error;
