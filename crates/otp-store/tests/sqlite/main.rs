//! SQLite files, and the paths that lead to them.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod backup;
mod damage;
#[cfg(all(target_os = "linux", feature = "server-tests"))]
mod mounts;
mod moved;
mod opening;
mod paths;
mod process;
mod site;
