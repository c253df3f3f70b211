//! Servers that fail or refuse. Each test starts its own server: `redis-server`, or the program in
//! `OTP_TEST_REDIS_SERVER`. `cargo xtask stores` kills servers while codes are spent.

use alloc::sync::Arc;
use core::error::Error as _;
use core::time::Duration;

use otp_store::{
    AsyncStore, ChargeReply, CredentialId, Durability, EngineErrorKind, Error, Redis, RedisOptions,
    SpendReply,
};
use tokio::time::Instant;

use crate::proxy::Proxy;
use crate::requests::{id, spend};
use crate::server::{PATIENCE, SAFE, Server, connection, until};
use crate::site::{charge, entry};

const PASSWORD: &str = "correct-horse-battery";

fn alice() -> CredentialId {
    id("alice")
}

pub(crate) fn kind<T: core::fmt::Debug>(result: Result<T, Error>) -> EngineErrorKind {
    match result.unwrap_err() {
        Error::Engine(error) => error.kind(),
        error => panic!("{error:?}"),
    }
}

/// Returns every text of an error.
fn all_words(error: &Error) -> String {
    let source = error.source().map(|source| format!("{source} {source:?}"));
    format!("{error} {error:?} {}", source.unwrap_or_default())
}

/// Returns options with a timeout for a busy machine.
fn patient(url: &str) -> RedisOptions {
    Redis::options(url).unwrap().with_timeout(PATIENCE)
}

/// Starts a server and a store in which alice's credential is confirmed.
async fn served() -> (Server, Arc<Redis>) {
    let server = Server::start(&SAFE);
    let redis = Arc::new(enrolled(&server).await);
    (server, redis)
}

async fn enrolled(server: &Server) -> Redis {
    let redis = server.open().await;
    assert!(redis.insert(&alice(), &entry()).await.unwrap());
    assert_eq!(redis.spend(&alice(), &spend(7, 0)).await.unwrap(), SpendReply::Done);
    redis
}

#[tokio::test]
async fn server_that_restarts_is_found_again() {
    let (mut server, redis) = served().await;
    server.kill();
    // The connection is lost before the call, or by it.
    let lost = kind(redis.charge(&alice(), &charge()).await);
    assert!(matches!(lost, EngineErrorKind::Interrupted | EngineErrorKind::Unreachable), "{lost}");
    assert_eq!(kind(redis.charge(&alice(), &charge()).await), EngineErrorKind::Unreachable);
    assert_eq!(kind(server.options().connect().await), EngineErrorKind::Unreachable);
    server.restart();
    let stored = until(async || redis.find(&alice()).await).await.unwrap().unwrap();
    assert_eq!((stored.next, stored.account.throttle.failures()), (1, 0));
}

#[tokio::test]
async fn connection_closed_while_idle_is_reopened() {
    let (server, redis) = served().await;
    server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await.unwrap();
    // Once only the asking connection is left, the store's has been closed.
    while server.clients().await > 1 {}
    for _ in 0..9 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(matches!(redis.charge(&alice(), &charge()).await.unwrap(), ChargeReply::Permitted(_)));
}

#[tokio::test]
async fn call_on_a_lost_connection_is_interrupted() {
    let (server, redis) = served().await;
    server.signal("STOP");
    let call = tokio::spawn({
        let redis = Arc::clone(&redis);
        async move { redis.spend(&alice(), &spend(7, 5)).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.signal("KILL");
    let error = call.await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

/// A paused clock advances by itself while every task waits, however busy the machine is.
#[tokio::test]
async fn silent_server_times_out() {
    let (server, redis) = served().await;
    server.signal("STOP");
    tokio::time::pause();
    let start = Instant::now();
    let late = redis.spend(&alice(), &spend(7, 5)).await;
    assert_eq!(kind(late), EngineErrorKind::TimedOut);
    assert_eq!(kind(server.options().connect().await), EngineErrorKind::TimedOut);
    assert_waited(start, 2);
    // All calls that wait for a connection time out together, not one after the other.
    let start = Instant::now();
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let redis = Arc::clone(&redis);
        many.spawn(async move { redis.find(&alice()).await });
    }
    let waited = many.join_all().await;
    assert!(waited.into_iter().all(|found| kind(found) == EngineErrorKind::TimedOut));
    assert_waited(start, 1);
    tokio::time::resume();
    server.signal("CONT");
    let stored = until(async || redis.find(&alice()).await).await.unwrap().unwrap();
    assert!(matches!(stored.next, 1 | 6), "neither spent nor unspent: {}", stored.next);
}

/// Checks that this many timeouts have passed, within the precision of a paused clock.
fn assert_waited(start: Instant, times: u32) {
    let (waited, whole) = (start.elapsed(), PATIENCE * times);
    assert!(waited >= whole && waited < whole + Duration::from_secs(1), "{waited:?}");
}

#[tokio::test]
async fn dead_connection_is_replaced_after_all_callers_gave_up() {
    let (server, _) = served().await;
    let proxy = Proxy::to(&server.url()).await;
    let redis = patient(&format!("redis://127.0.0.1:{}", proxy.port)).connect().await.unwrap();
    // A dropped call does not cost the connection.
    for _ in 0..9 {
        let _dropped = tokio::time::timeout(Duration::ZERO, redis.find(&alice())).await;
        assert!(redis.find(&alice()).await.is_ok());
    }
    assert_eq!(proxy.opened(), 1);
    proxy.let_all_die();
    // The clock is paused while no reply can come.
    tokio::time::pause();
    for given_up in 1..=3 {
        let call = tokio::time::timeout(PATIENCE / 3, redis.find(&alice())).await;
        assert!(call.is_err(), "{given_up}");
        assert_eq!(proxy.opened(), 1);
    }
    tokio::time::resume();
    assert!(redis.find(&alice()).await.is_ok(), "the dead connection is never replaced");
    assert_eq!(proxy.opened(), 2);
}

#[tokio::test]
async fn wrong_password_is_denied_and_not_repeated() {
    let server = Server::start(&[&SAFE[..], &["requirepass", PASSWORD]].concat());
    let error = server.refusal().await;
    assert_eq!(kind::<()>(Err(error)), EngineErrorKind::Denied, "none");
    let with = |password: &str| server.url().replace("//", &format!("//:{password}@"));
    for wrong in ["wrong-horse-battery", "correct-horse"] {
        let error = patient(&with(wrong)).connect().await.unwrap_err();
        assert!(!all_words(&error).contains("horse"), "{}", all_words(&error));
        assert_eq!(kind::<()>(Err(error)), EngineErrorKind::Denied, "{wrong}");
    }
    let options = patient(&with(PASSWORD));
    assert!(!format!("{options:?}").contains("horse"));
    let redis = options.create().await.unwrap();
    assert!(!format!("{redis:?}").contains("horse"));
}

#[tokio::test]
async fn server_that_may_lose_data_is_refused() {
    let safe = SAFE.join(" ");
    for (settings, setting, weaker) in [
        ("appendonly no".to_owned(), "appendonly", true),
        ("appendonly yes".to_owned(), "appendfsync", true),
        ("appendonly yes appendfsync no".to_owned(), "appendfsync", true),
        (format!("{safe} no-appendfsync-on-rewrite yes"), "no-appendfsync-on-rewrite", true),
        (format!("{safe} maxmemory 90mb maxmemory-policy allkeys-lru"), "maxmemory-policy", false),
        (format!("{safe} cluster-enabled yes"), "cluster-enabled", false),
    ] {
        let server = Server::start(&settings.split(' ').collect::<Vec<_>>());
        let refused = kind::<()>(Err(server.refusal().await));
        assert_eq!(refused, EngineErrorKind::Unsafe(setting), "{settings}");
        let opened = server.options().with_weaker_durability().create().await;
        assert_eq!(opened.is_ok(), weaker, "{settings}");
    }
    assert_eq!(Redis::DURABILITY, Durability::DiskExceptFailover);
}

#[tokio::test]
async fn replica_is_read_only() {
    let (primary, redis) = served().await;
    let port = primary.url().rsplit(':').next().unwrap().to_owned();
    let replica =
        Server::start(&[&SAFE[..], &["replicaof", &format!("127.0.0.1 {port}")]].concat());
    assert_eq!(kind::<()>(Err(replica.refusal().await)), EngineErrorKind::ReadOnly);
    // A primary becomes a replica while it is in use.
    let other = Server::start(&SAFE);
    other.open().await;
    let other_port = other.url().rsplit(':').next().unwrap().to_owned();
    primary.command(&["REPLICAOF", "127.0.0.1", &other_port]).await.unwrap();
    assert_eq!(kind(redis.charge(&alice(), &charge()).await), EngineErrorKind::ReadOnly);
    assert_eq!(kind(redis.spend(&alice(), &spend(7, 5)).await), EngineErrorKind::ReadOnly);
    // It becomes a primary again: the store checks the server again, and continues.
    primary.command(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
    let found = until(async || redis.find(&alice()).await).await;
    assert!(found.is_ok(), "{found:?}");
}

#[tokio::test]
async fn server_without_memory_is_full() {
    let (server, redis) = served().await;
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    let bob = id("bob");
    let full = redis.insert(&bob, &entry()).await;
    assert_eq!(kind(full), EngineErrorKind::Full);
    assert_eq!(kind(redis.charge(&alice(), &charge()).await), EngineErrorKind::Full);
    assert_eq!(kind(redis.spend(&alice(), &spend(7, 5)).await), EngineErrorKind::Full);
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    let stored = redis.find(&alice()).await.unwrap().unwrap();
    assert_eq!((stored.next, stored.account.throttle.failures()), (1, 0), "a part was done");
    assert_eq!(redis.find(&bob).await.unwrap(), None);
    assert_eq!(redis.list(None, 9).await.unwrap(), [alice()]);
}

#[tokio::test]
async fn server_that_runs_a_long_script_is_busy() {
    let server = Server::start(&[&SAFE[..], &["lua-time-limit", "20"]].concat());
    let redis = enrolled(&server).await;
    let (url, endless) = (server.url(), "while true do end");
    let spin = tokio::spawn(async move {
        let mut connection = connection(&url).await.unwrap();
        redis::cmd("EVAL").arg(endless).arg(0).exec_async(&mut connection).await
    });
    let busy = async || {
        server.command(&["PING"]).await.err().and_then(|error| error.code().map(str::to_owned))
    };
    while busy().await.as_deref() != Some("BUSY") {}
    assert_eq!(kind(redis.charge(&alice(), &charge()).await), EngineErrorKind::Busy);
    server.command(&["SCRIPT", "KILL"]).await.unwrap();
    assert!(spin.await.unwrap().is_err());
    let stored = redis.find(&alice()).await.unwrap().unwrap();
    assert_eq!(stored.account.throttle.failures(), 0);
}

#[tokio::test]
async fn another_kind_of_server_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
        b"*1\r\n*1\r\n",
        b"$9999999999\r\n",
        b"+OK\r\n+OK\r\n+OK\r\n",
    ];
    std::thread::spawn(move || {
        for (stream, answer) in listener.incoming().zip(answers) {
            use std::io::{Read, Write};

            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(answer);
        }
    });
    for _ in answers {
        let options = Redis::options(&format!("redis://127.0.0.1:{port}")).unwrap();
        let refused = options.with_timeout(Duration::from_secs(2)).connect().await;
        assert!(refused.is_err());
    }
}
