//! The counter without power cuts, and with a cut at every point.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
#![allow(clippy::panic_in_result_fn)]

mod counting;
mod flash;
mod power_cut;
