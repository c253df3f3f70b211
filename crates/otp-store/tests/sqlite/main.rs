//! SQLite files, and the paths that lead to them.
#![cfg(test)]
#![cfg(unix)]
#![allow(clippy::arithmetic_side_effects)]

mod backup;
mod damage;
mod locked;
mod modes;
#[cfg(all(target_os = "linux", feature = "server-tests"))]
mod mounts;
mod moved;
mod opening;
mod paths;
mod process;
mod site;
