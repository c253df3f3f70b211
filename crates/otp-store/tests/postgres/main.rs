//! The PostgreSQL store against servers: `cargo xtask stores` starts these and says by
//! `OTP_TEST_POSTGRES` where the primary is (a superuser's URL without parameters, on
//! `localhost`, with TLS), by `OTP_TEST_POSTGRES_CA` which file has its authority, by
//! `OTP_TEST_POSTGRES_STANDBY` where its standby is (without TLS), and by
//! `OTP_TEST_POSTGRES_PROMOTED` where a standby is that was promoted while the primary went on.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

extern crate alloc;

#[path = "../fixtures/accounts.rs"]
mod accounts;
mod crash;
mod failures;
mod fixtures;
mod model;
mod phone;
mod pooler;
mod primary;
mod proxy;
mod race;
mod server;
mod settings;
mod tls;
mod verifier;
