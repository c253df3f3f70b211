//! What holds for every code, key and window, one subject a file.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    missing_docs,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod accumulated;
mod algorithm;
mod base32;
mod code;
mod collision;
mod data;
mod digits;
mod error;
mod format;
mod generator;
mod hazmat;
mod hex;
mod layout;
mod oracle;
mod outcome;
mod passlib;
mod period;
mod redaction;
mod repairs;
mod resync;
mod secret;
mod token;
mod vectors;
mod verify;
mod window;
