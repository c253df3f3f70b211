//! Stored values are read back. All tests are one program, so that serde's code for every form in every
//! format is built once.
#![cfg(test)]
#![allow(unreachable_pub, clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects, clippy::panic_in_result_fn, clippy::string_slice)]

mod errors;
mod hostile;
mod input;
mod laws;
mod passlib;
mod wiped;
