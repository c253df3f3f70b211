//! What holds for every code, key and window, one subject a file.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]
#![allow(clippy::panic_in_result_fn, clippy::string_slice, unreachable_pub)]

mod accumulated;
mod algorithm;
mod arbitrary;
mod code;
mod error;
mod generator;
mod hazmat;
mod parameters;
mod redaction;
mod repairs;
mod secret;
mod vectors;
mod verify;

// The laws over arbitrary bytes and the plain model, which `fuzz` has, too.
#[path = "../../../../fuzz/laws/src/bytes.rs"]
mod bytes;
#[path = "../../../../fuzz/laws/src/clock.rs"]
mod clock;
#[path = "../../../../fuzz/laws/src/code_text.rs"]
mod code_text;
#[path = "../../../../fuzz/laws/src/codes.rs"]
mod codes;
#[path = "../../../../fuzz/laws/src/control.rs"]
mod control;
#[path = "../../../../fuzz/laws/src/keys.rs"]
mod keys;
#[path = "../../../../fuzz/laws/src/model.rs"]
mod model;
#[path = "../../../../fuzz/laws/src/verdict.rs"]
mod verdict;
