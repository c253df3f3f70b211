//! The laws, for the stores without a server.
#![cfg(test)]
#![allow(clippy::std_instead_of_alloc)]

use std::sync::Arc;

#[cfg(feature = "blocking")]
use otp_store::Blocking;
use otp_store::{Memory, Sqlite};

otp_store::conformance!(memory, {
    let store = Arc::new(Memory::new(10_000));
    move || Arc::clone(&store)
});

// Each handle has a connection of its own to one file, as a process has.
otp_store::conformance!(sqlite, {
    let folder = tempfile::tempdir().unwrap();
    move || Sqlite::create(folder.path().join("otp.db")).unwrap()
});

#[cfg(feature = "blocking")]
otp_store::conformance!(blocking, {
    let store = Arc::new(Blocking::open(async { Ok(Memory::new(10_000)) }).unwrap());
    assert!(format!("{store:?}").starts_with("Blocking { store: Memory"));
    move || Arc::clone(&store)
});
