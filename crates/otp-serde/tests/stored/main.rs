//! Stored values are read back. All tests are one program, so that serde's code for every form in every
//! format is built once.
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::string_slice)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]

#[macro_use]
mod forms;
mod debug;
mod errors;
mod format;
mod heart;
mod hostile;
mod input;
mod passlib;
mod passlib_round_trip;
mod wiped;
mod wire;
