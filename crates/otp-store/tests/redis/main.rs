//! The Redis store on a server, whose URL is in `OTP_TEST_REDIS`. The server needs `appendonly yes`
//! and `appendfsync always`, and is for tests alone.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::string_slice)]

extern crate alloc;

#[path = "../fixtures/accounts.rs"]
mod accounts;
mod damage;
mod faults;
mod fixtures;
mod foreign;
mod index;
mod keys;
mod migration;
mod numbers;
mod proxy;
mod recovery;
#[path = "../requests/mod.rs"]
mod requests;
mod restored;
mod rights;
mod schema;
mod server;
mod site;
mod tls;
mod trips;
