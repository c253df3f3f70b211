//! A key that was dropped is nowhere in the process's memory any more.
//!
//! This is a program of its own and not a test among others: what it looks through is all memory that
//! can be written to, the heap and the stack, freed parts included. Linux shows that as a file.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects)]

#[cfg(target_os = "linux")]
mod needle;
#[cfg(target_os = "linux")]
mod search;
#[cfg(target_os = "linux")]
mod trials;

#[cfg(not(target_os = "linux"))]
fn main() {
    panic!("only Linux shows a process its memory as a file, so nothing is looked at");
}

#[cfg(target_os = "linux")]
fn main() {
    trials::main();
}
