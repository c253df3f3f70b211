//! Servers that fail or refuse. Each test starts its own server: `redis-server`, or the program in
//! `OTP_TEST_REDIS_SERVER`. `cargo xtask stores` kills servers while codes are spent.

use alloc::sync::Arc;
use core::error::Error as _;
use core::time::Duration;

use otp_store::{AsyncStore, Durability, EngineErrorKind, Redis, SpendReply};
use tokio::time::{Instant, timeout};

use crate::proxy::Proxy;
use crate::requests::{at_once, call, id, kind, spent};
use crate::server::{PATIENCE, SAFE, Server, connection, until};
use crate::site::entry;

const PASSWORD: &str = "correct-horse-battery";

/// Starts a server and a store in which alice's credential is confirmed.
async fn served(settings: &str) -> (Server, Arc<Redis>) {
    let server = Server::start(settings);
    let redis = server.open().await;
    assert!(redis.insert(&id("alice"), &entry()).await.unwrap());
    assert_eq!(spent(&redis, 0).await, SpendReply::Done);
    (server, Arc::new(redis))
}

/// Returns alice's lowest unspent counter and her failures, as soon as the server replies.
async fn stored(redis: &Redis) -> (u64, u32) {
    let found = until(async || redis.find(&id("alice")).await).await.unwrap().unwrap();
    (found.next, found.account.throttle.failures())
}

#[tokio::test]
async fn server_that_restarts_is_found_again() {
    let (mut server, redis) = served(SAFE).await;
    server.kill();
    // The connection is lost before the call, or by it.
    let lost = kind(call(&redis, "charge").await);
    assert!(matches!(lost, EngineErrorKind::Interrupted | EngineErrorKind::Unreachable), "{lost}");
    assert_eq!(kind(call(&redis, "charge").await), EngineErrorKind::Unreachable);
    assert_eq!(kind(server.options().connect().await), EngineErrorKind::Unreachable);
    server.restart();
    assert_eq!(stored(&redis).await, (1, 0));
}

#[tokio::test]
async fn connection_closed_while_idle_is_reopened() {
    let (server, redis) = served(SAFE).await;
    server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await.unwrap();
    // Once only the asking connection is left, the store's has been closed.
    while server.clients().await > 1 {}
    for _ in 0..9 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(call(&redis, "charge").await.unwrap().starts_with("Permitted"));
}

#[tokio::test]
async fn call_on_a_lost_connection_is_interrupted() {
    let (server, redis) = served(SAFE).await;
    server.signal("STOP");
    let call = tokio::spawn(async move { call(&redis, "spend").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.signal("KILL");
    let error = call.await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

/// A paused clock advances by itself while every task waits, however busy the machine is.
#[tokio::test]
async fn silent_server_times_out() {
    let (server, redis) = served(SAFE).await;
    server.signal("STOP");
    tokio::time::pause();
    let start = Instant::now();
    assert_eq!(kind(call(&redis, "spend").await), EngineErrorKind::TimedOut);
    assert_eq!(kind(server.options().connect().await), EngineErrorKind::TimedOut);
    assert_waited(start, 2);
    // All calls that wait for a connection time out together, not one after the other.
    let start = Instant::now();
    let waited = at_once(50, |_| {
        let redis = Arc::clone(&redis);
        async move { call(&redis, "find").await }
    });
    assert!(waited.await.into_iter().all(|found| kind(found) == EngineErrorKind::TimedOut));
    assert_waited(start, 1);
    tokio::time::resume();
    server.signal("CONT");
    let (next, _) = stored(&redis).await;
    assert!(matches!(next, 1 | 2), "neither spent nor unspent: {next}");
}

/// Checks that this many timeouts have passed, within the precision of a paused clock.
fn assert_waited(start: Instant, times: u32) {
    let (waited, whole) = (start.elapsed(), PATIENCE * times);
    assert!(waited >= whole && waited < whole + Duration::from_secs(1), "{waited:?}");
}

#[tokio::test]
async fn dead_connection_is_replaced_after_all_callers_gave_up() {
    let (server, _) = served(SAFE).await;
    let proxy = Proxy::to(&server.url()).await;
    let options = Redis::options(&format!("redis://127.0.0.1:{}", proxy.port)).unwrap();
    let redis = options.with_timeout(PATIENCE).connect().await.unwrap();
    // A dropped call does not cost the connection.
    for _ in 0..9 {
        let _dropped = timeout(Duration::ZERO, call(&redis, "find")).await;
        assert!(call(&redis, "find").await.is_ok());
    }
    assert_eq!(proxy.opened(), 1);
    proxy.let_all_die();
    // The clock is paused while no reply can come.
    tokio::time::pause();
    for given_up in 1..=3 {
        assert!(timeout(PATIENCE / 3, call(&redis, "find")).await.is_err(), "{given_up}");
        assert_eq!(proxy.opened(), 1);
    }
    tokio::time::resume();
    assert!(call(&redis, "find").await.is_ok(), "the dead connection is never replaced");
    assert_eq!(proxy.opened(), 2);
}

#[tokio::test]
async fn wrong_password_is_denied_and_not_repeated() {
    let server = Server::start(&format!("{SAFE} --requirepass {PASSWORD}"));
    assert_eq!(kind(server.create().await), EngineErrorKind::Denied, "none");
    let with = |password: &str| {
        let url = server.url().replace("//", &format!("//:{password}@"));
        Redis::options(&url).unwrap().with_timeout(PATIENCE)
    };
    for wrong in ["wrong-horse-battery", "correct-horse"] {
        let error = with(wrong).connect().await.unwrap_err();
        let source = error.source().map(|source| format!("{source} {source:?}"));
        let words = format!("{error} {error:?} {source:?}");
        assert!(!words.contains("horse"), "{words}");
        assert_eq!(kind::<()>(Err(error)), EngineErrorKind::Denied, "{wrong}");
    }
    let options = with(PASSWORD);
    assert!(!format!("{options:?}").contains("horse"));
    let redis = options.create().await.unwrap();
    assert!(!format!("{redis:?}").contains("horse"));
}

#[tokio::test]
async fn server_that_may_lose_data_is_refused() {
    let safe_but = |setting: &str| format!("{SAFE} {setting}");
    for (settings, setting, weaker) in [
        ("--appendonly no".to_owned(), "appendonly", true),
        ("--appendonly yes".to_owned(), "appendfsync", true),
        ("--appendonly yes --appendfsync no".to_owned(), "appendfsync", true),
        (safe_but("--no-appendfsync-on-rewrite yes"), "no-appendfsync-on-rewrite", true),
        (safe_but("--maxmemory 90mb --maxmemory-policy allkeys-lru"), "maxmemory-policy", false),
        (safe_but("--cluster-enabled yes"), "cluster-enabled", false),
    ] {
        let server = Server::start(&settings);
        assert_eq!(kind(server.create().await), EngineErrorKind::Unsafe(setting), "{settings}");
        let opened = server.options().with_weaker_durability().create().await;
        assert_eq!(opened.is_ok(), weaker, "{settings}");
    }
    assert_eq!(Redis::DURABILITY, Durability::DiskExceptFailover);
}

#[tokio::test]
async fn replica_is_read_only() {
    let ((primary, redis), other) = (served(SAFE).await, Server::start(SAFE));
    let port = |server: &Server| server.url().rsplit(':').next().unwrap().to_owned();
    let replica = Server::start(&format!("{SAFE} --replicaof 127.0.0.1 {}", port(&primary)));
    assert_eq!(kind(replica.create().await), EngineErrorKind::ReadOnly);
    // A primary becomes a replica while it is in use.
    other.open().await;
    primary.command(&["REPLICAOF", "127.0.0.1", &port(&other)]).await.unwrap();
    for name in ["charge", "spend"] {
        assert_eq!(kind(call(&redis, name).await), EngineErrorKind::ReadOnly);
    }
    // It becomes a primary again: the store checks the server again, and continues.
    primary.command(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
    let found = until(async || redis.find(&id("alice")).await).await;
    assert!(found.is_ok(), "{found:?}");
}

#[tokio::test]
async fn server_without_memory_is_full() {
    let (server, redis) = served(SAFE).await;
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    for name in ["restore", "charge", "spend"] {
        assert_eq!(kind(call(&redis, name).await), EngineErrorKind::Full, "{name}");
    }
    let new = redis.insert(&id("bob"), &entry()).await;
    assert_eq!(kind(new), EngineErrorKind::Full);
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    assert_eq!(stored(&redis).await, (1, 0), "a part was done");
    assert_eq!(redis.find(&id("bob")).await.unwrap(), None);
    assert_eq!(redis.list(None, 9).await.unwrap(), [id("alice")]);
}

#[tokio::test]
async fn server_that_runs_a_long_script_is_busy() {
    let (server, redis) = served(&format!("{SAFE} --lua-time-limit 20")).await;
    let url = server.url();
    let spin = tokio::spawn(async move {
        let mut connection = connection(&url).await.unwrap();
        redis::cmd("EVAL").arg("while true do end").arg(0).exec_async(&mut connection).await
    });
    let busy = async || {
        server.command(&["PING"]).await.err().and_then(|error| error.code().map(str::to_owned))
    };
    while busy().await.as_deref() != Some("BUSY") {}
    assert_eq!(kind(call(&redis, "charge").await), EngineErrorKind::Busy);
    server.command(&["SCRIPT", "KILL"]).await.unwrap();
    assert!(spin.await.unwrap().is_err());
    assert_eq!(stored(&redis).await, (1, 0));
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
