//! The Redis store on a server, whose URL is in `OTP_TEST_REDIS`. The server needs `appendonly yes`
//! and `appendfsync always`, and is for tests alone.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

extern crate alloc;

#[path = "../fixtures/accounts.rs"]
mod accounts;
mod ask;
mod damage;
mod faults;
mod fixtures;
mod index;
mod keys;
mod migration;
mod model;
mod numbers;
mod proxy;
mod race;
mod recovery;
mod restored;
mod rights;
mod schema;
mod server;
mod tls;
mod trips;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::UnixTime;
use otp_store::{
    AccountId, AsyncStore, AttemptId, ChargeReply, CredentialId, EngineErrorKind, Entry, Error,
    IndexDifference, Memory, RecordText, Redis, RedisOptions, SpendReply, SpendRequest, Store,
    VerifierOptions,
};
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::{Builder, Runtime};

use crate::ask::{attempt, charge, codes, entry, spend};
use crate::server::PATIENCE;

const SERVER: &str = "set OTP_TEST_REDIS to the URL of a Redis server";

fn url() -> String {
    std::env::var("OTP_TEST_REDIS").expect(SERVER)
}

/// Returns a prefix that is not in use.
fn prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (count, process) = (COUNT.fetch_add(1, Ordering::Relaxed), std::process::id());
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("otp-test:{process}:{now}:{count}:")
}

fn options(prefix: &str) -> RedisOptions {
    Redis::options(&url()).unwrap().with_prefix(prefix).with_timeout(PATIENCE)
}

async fn open(prefix: &str) -> Redis {
    options(prefix).create().await.unwrap()
}

/// Returns every key under a prefix without special characters.
async fn all_keys(prefix: &str) -> BTreeSet<String> {
    let mut keys = ::redis::cmd("KEYS");
    keys.arg(format!("{prefix}*")).query_async(&mut raw().await).await.unwrap()
}

/// Connects a client beside the store.
async fn raw() -> ::redis::aio::MultiplexedConnection {
    server::connection(&url()).await.unwrap()
}

async fn command(arguments: &[&[u8]]) -> ::redis::Value {
    let mut command = ::redis::Cmd::new();
    command.arg(arguments);
    command.query_async(&mut raw().await).await.unwrap()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn id(account: &str, name: &str) -> CredentialId {
    CredentialId::new(account).unwrap().with_name(name).unwrap()
}

fn waits() -> VerifierOptions {
    VerifierOptions::new().with_policy(ThrottlePolicy::unlimited().with_backoff(&[0, 0, 0, 5]))
}

/// Opens a store with a confirmed credential that has this lowest unspent counter.
async fn confirmed(prefix: &str, next: u64) -> (Redis, CredentialId) {
    let (redis, alice) = (open(prefix).await, id("alice", ""));
    assert!(redis.insert(&alice, &entry("record", 7, next - 1, true)).await.unwrap());
    let first = spend(7, next - 1, 0);
    assert_eq!(redis.spend(&alice, &first).await.unwrap(), SpendReply::Done);
    (redis, alice)
}
