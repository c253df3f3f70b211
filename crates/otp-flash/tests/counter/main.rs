//! The counter without power cuts, and with a cut at every point.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic_in_result_fn,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

mod counting;
mod flash;
mod power_cut;
