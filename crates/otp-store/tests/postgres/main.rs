//! The PostgreSQL store on servers. `cargo xtask stores` starts the servers and sets these
//! variables:
//!
//! - `OTP_TEST_POSTGRES`: the URL of the primary, for a superuser, without parameters, on
//!   `localhost`, with TLS;
//! - `OTP_TEST_POSTGRES_CA`: the file of its root certificate;
//! - `OTP_TEST_POSTGRES_STANDBY`: the URL of its standby, without TLS;
//! - `OTP_TEST_POSTGRES_PROMOTED`: the URL of a standby that was promoted while the primary ran.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]

extern crate alloc;

#[path = "../fixtures/accounts.rs"]
mod accounts;
mod crash;
mod failures;
mod fixtures;
mod numbers;
mod pooler;
mod primary;
mod proxy;
mod race;
#[path = "../requests/mod.rs"]
mod requests;
mod server;
mod settings;
mod tables;
mod tls;
mod waiting;
