//! Servers that fail, refuse, forget or are killed. Each test starts its own: `redis-server`, or what
//! `OTP_TEST_REDIS_SERVER` names.

use alloc::sync::Arc;
use core::error::Error as _;
use core::time::Duration;

use otp_context::Rules;
use otp_store::{
    Advanced, AsyncStore, Charged, CredentialId, Durability, EngineErrorKind, Error, Redis,
};

use crate::ask::{advance, charge, entry};
use crate::proxy::Proxy;
use crate::server::{SAFE, Server, until};

const PASSWORD: &str = "correct-horse-battery";

fn alice() -> CredentialId {
    CredentialId::new("alice").unwrap()
}

pub(crate) fn kind<T: core::fmt::Debug>(result: Result<T, Error>) -> EngineErrorKind {
    match result.unwrap_err() {
        Error::Engine(error) => error.kind(),
        error => panic!("{error:?}"),
    }
}

/// Everything that anybody could print of an error.
fn all_words(error: &Error) -> String {
    let source = error.source().map(|source| format!("{source} {source:?}"));
    format!("{error} {error:?} {}", source.unwrap_or_default())
}

async fn enrolled(server: &Server) -> Redis {
    let redis = server.open().await;
    assert!(redis.insert(&alice(), &entry("record", 7, 0, true)).await.unwrap());
    assert_eq!(redis.advance(&alice(), &advance(7, 0, 0)).await.unwrap(), Advanced::Done);
    redis
}

fn at(now: u64) -> otp_context::Charge {
    charge(&Rules::new(), now, 6, true)
}

#[tokio::test]
async fn a_server_that_is_down_is_unreachable_and_found_again() {
    let mut server = Server::start(&SAFE);
    let redis = enrolled(&server).await;
    server.kill();
    // The connection is lost before the call, or by it.
    let lost = kind(redis.charge(&alice(), &at(9)).await);
    assert!(matches!(lost, EngineErrorKind::Interrupted | EngineErrorKind::Unreachable), "{lost}");
    assert_eq!(kind(redis.charge(&alice(), &at(9)).await), EngineErrorKind::Unreachable);
    assert_eq!(kind(Redis::connect(&server.url()).await), EngineErrorKind::Unreachable);
    server.restart();
    let stored = until(async || redis.find(&alice()).await).await.unwrap().unwrap();
    assert_eq!((stored.next, stored.throttle.failures()), (1, 0));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_opened_anew() {
    let server = Server::start(&SAFE);
    let redis = enrolled(&server).await;
    server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(matches!(redis.charge(&alice(), &at(9)).await.unwrap(), Charged::Permitted(_)));
}

#[tokio::test]
async fn a_call_under_way_when_the_connection_is_lost_is_interrupted() {
    let server = Server::start(&SAFE);
    let redis = Arc::new(enrolled(&server).await);
    server.signal("STOP");
    let call = tokio::spawn({
        let redis = Arc::clone(&redis);
        async move { redis.advance(&alice(), &advance(7, 5, 0)).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.signal("KILL");
    let error = call.await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let server = Server::start(&SAFE);
    enrolled(&server).await;
    let patience = Duration::from_millis(300);
    let impatient = || Redis::options(&server.url()).unwrap().with_timeout(patience);
    let redis = Arc::new(impatient().connect().await.unwrap());
    server.signal("STOP");
    let late = redis.advance(&alice(), &advance(7, 5, 0)).await;
    assert_eq!(kind(late), EngineErrorKind::TimedOut);
    assert_eq!(kind(impatient().connect().await), EngineErrorKind::TimedOut);
    // All who wait for a connection give up at their own time, not one after the other.
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let redis = Arc::clone(&redis);
        many.spawn(async move { redis.find(&alice()).await });
    }
    let waited = tokio::time::timeout(patience * 10, many.join_all()).await.unwrap();
    assert!(waited.into_iter().all(|found| kind(found) == EngineErrorKind::TimedOut));
    server.signal("CONT");
    let stored = until(async || redis.find(&alice()).await).await.unwrap().unwrap();
    assert!(matches!(stored.next, 1 | 6), "what was asked may have happened: {}", stored.next);
}

#[tokio::test]
async fn a_dead_connection_is_noticed_though_all_callers_give_up_first() {
    let server = Server::start(&SAFE);
    enrolled(&server).await;
    let proxy = Proxy::to(&server.url()).await;
    let patience = Duration::from_secs(1);
    let options = Redis::options(&format!("redis://127.0.0.1:{}", proxy.port)).unwrap();
    let redis = options.with_timeout(patience).connect().await.unwrap();
    let impatient = async || tokio::time::timeout(patience / 3, redis.find(&alice())).await;
    // A call that is dropped costs nobody the connection.
    for _ in 0..9 {
        let _dropped = tokio::time::timeout(Duration::ZERO, redis.find(&alice())).await;
        assert!(impatient().await.unwrap().is_ok());
    }
    assert_eq!(proxy.opened(), 1);
    proxy.let_all_die();
    let mut given_up = 0;
    while impatient().await.is_err() {
        given_up += 1;
        assert!(given_up < 12, "the dead connection is never replaced");
    }
    assert!(given_up > 0 && proxy.opened() > 1, "{given_up}");
}

#[tokio::test]
async fn without_the_right_password_nothing_is_told() {
    let server = Server::start(&[&SAFE[..], &["requirepass", PASSWORD]].concat());
    let error = server.refusal().await;
    assert_eq!(kind::<()>(Err(error)), EngineErrorKind::Denied, "none");
    let with = |password: &str| server.url().replace("//", &format!("//:{password}@"));
    for wrong in ["wrong-horse-battery", "correct-horse"] {
        let error = Redis::connect(&with(wrong)).await.unwrap_err();
        assert!(!all_words(&error).contains("horse"), "{}", all_words(&error));
        assert_eq!(kind::<()>(Err(error)), EngineErrorKind::Denied, "{wrong}");
    }
    let options = Redis::options(&with(PASSWORD)).unwrap();
    assert!(!format!("{options:?}").contains("horse"));
    let redis = options.connect().await.unwrap();
    assert!(!format!("{redis:?}").contains("horse"));
}

#[tokio::test]
async fn a_user_who_may_not_is_denied() {
    let server = Server::start(&SAFE);
    enrolled(&server).await;
    for denied in ["-evalsha", "-info", "-config", "resetkeys", "-hset"] {
        let user = format!("ACL SETUSER app reset on >{PASSWORD} ~* +@all {denied}");
        server.command(&user.split(' ').collect::<Vec<_>>()).await.unwrap();
        let url = server.url().replace("//", &format!("//app:{PASSWORD}@"));
        let found = match Redis::connect(&url).await {
            Ok(redis) => redis.charge(&alice(), &at(9)).await.map(drop),
            Err(error) => Err(error),
        };
        let expected = match denied {
            "-config" => EngineErrorKind::Unsafe("appendfsync"),
            _ => EngineErrorKind::Denied,
        };
        assert_eq!(kind(found), expected, "{denied}");
        if denied == "-config" {
            let weaker = Redis::options(&url).unwrap().with_weaker_durability();
            assert!(weaker.connect().await.is_ok());
        }
    }
    let stored = server.open().await.find(&alice()).await.unwrap().unwrap();
    assert_eq!((stored.next, stored.throttle.failures()), (1, 0), "nothing was done");
}

#[tokio::test]
async fn a_server_that_forgets_is_refused() {
    for (settings, unsafe_, weaker) in [
        (&["appendonly", "no"][..], "appendonly", true),
        (&["appendonly", "yes"], "appendfsync", true),
        (&["appendonly", "yes", "appendfsync", "no"], "appendfsync", true),
        (
            &["appendonly", "yes", "appendfsync", "always", "no-appendfsync-on-rewrite", "yes"],
            "no-appendfsync-on-rewrite",
            true,
        ),
        (
            &[
                "appendonly",
                "yes",
                "appendfsync",
                "always",
                "maxmemory",
                "90mb",
                "maxmemory-policy",
                "allkeys-lru",
            ],
            "maxmemory-policy",
            false,
        ),
        (
            &["appendonly", "yes", "appendfsync", "always", "cluster-enabled", "yes"],
            "cluster-enabled",
            false,
        ),
    ] {
        let server = Server::start(settings);
        let refused = server.refusal().await;
        assert_eq!(kind::<()>(Err(refused)), EngineErrorKind::Unsafe(unsafe_), "{settings:?}");
        let opened =
            Redis::options(&server.url()).unwrap().with_weaker_durability().connect().await;
        assert_eq!(opened.is_ok(), weaker, "{settings:?}");
    }
    assert_eq!(Redis::DURABILITY, Durability::DiskExceptFailover);
}

#[tokio::test]
async fn a_replica_is_read_only() {
    let primary = Server::start(&SAFE);
    let redis = enrolled(&primary).await;
    let port = primary.url().rsplit(':').next().unwrap().to_owned();
    let replica =
        Server::start(&[&SAFE[..], &["replicaof", &format!("127.0.0.1 {port}")]].concat());
    assert_eq!(kind::<()>(Err(replica.refusal().await)), EngineErrorKind::ReadOnly);
    // A primary that becomes a replica while it is in use.
    let other = Server::start(&SAFE);
    other.open().await;
    let other_port = other.url().rsplit(':').next().unwrap().to_owned();
    primary.command(&["REPLICAOF", "127.0.0.1", &other_port]).await.unwrap();
    assert_eq!(kind(redis.charge(&alice(), &at(9)).await), EngineErrorKind::ReadOnly);
    assert_eq!(kind(redis.advance(&alice(), &advance(7, 5, 0)).await), EngineErrorKind::ReadOnly);
    // And back: it asks the server anew, and goes on.
    primary.command(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
    let found = redis.find(&alice()).await;
    assert!(found.is_ok(), "{found:?}");
}

#[tokio::test]
async fn a_server_without_memory_is_full() {
    let server = Server::start(&SAFE);
    let redis = enrolled(&server).await;
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    let bob = CredentialId::new("bob").unwrap();
    let full = redis.insert(&bob, &entry("record", 7, 0, true)).await;
    assert_eq!(kind(full), EngineErrorKind::Full);
    assert_eq!(kind(redis.charge(&alice(), &at(9)).await), EngineErrorKind::Full);
    assert_eq!(kind(redis.advance(&alice(), &advance(7, 5, 0)).await), EngineErrorKind::Full);
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    let stored = redis.find(&alice()).await.unwrap().unwrap();
    assert_eq!((stored.next, stored.throttle.failures()), (1, 0), "nothing was half done");
    assert_eq!(redis.find(&bob).await.unwrap(), None);
    assert_eq!(redis.list(None, 9).await.unwrap(), [alice()]);
}

#[tokio::test]
async fn a_server_that_is_kept_busy_says_so() {
    let server = Server::start(&[&SAFE[..], &["lua-time-limit", "20"]].concat());
    let redis = enrolled(&server).await;
    let (url, endless) = (server.url(), "while true do end");
    let spin = tokio::spawn(async move {
        let client = ::redis::Client::open(url).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        ::redis::cmd("EVAL").arg(endless).arg(0).exec_async(&mut connection).await
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(kind(redis.charge(&alice(), &at(9)).await), EngineErrorKind::Busy);
    server.command(&["SCRIPT", "KILL"]).await.unwrap();
    assert!(spin.await.unwrap().is_err());
    let stored = redis.find(&alice()).await.unwrap().unwrap();
    assert_eq!(stored.throttle.failures(), 0);
}

#[tokio::test]
async fn something_else_than_a_redis_server_is_no_panic() {
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

/// Kills the server under eight tasks that advance as fast as they can, and says how many
/// counters of which the store had answered `Done` can be spent again.
async fn forgotten(settings: &[&str], kills: u32) -> (u64, u64) {
    let mut server = Server::start(settings);
    let options = || Redis::options(&server.url()).unwrap().with_weaker_durability();
    let redis = Arc::new(until(async || options().connect().await).await.unwrap());
    let ids: Vec<_> = (0..8).map(|n| CredentialId::new(format!("user{n}")).unwrap()).collect();
    let (mut done, mut forgotten, mut next) = (0, 0, vec![0_u64; ids.len()]);
    for _ in 0..kills {
        let mut tasks = tokio::task::JoinSet::new();
        for (id, next) in ids.iter().zip(next.clone()) {
            let (redis, id) = (Arc::clone(&redis), id.clone());
            redis.insert(&id, &entry("record", 7, next, true)).await.unwrap();
            tasks.spawn(async move {
                let mut last = next;
                loop {
                    match redis.advance(&id, &advance(7, last, 0)).await {
                        Ok(Advanced::Done) => last += 1,
                        Ok(other) => panic!("{other:?}"),
                        Err(_) => return (id, last),
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        server.restart();
        for (id, after) in tasks.join_all().await {
            let place = ids.iter().position(|other| *other == id).unwrap();
            done += after - next[place];
            let stored = until(async || redis.find(&id).await).await.unwrap();
            let stored = stored.map_or(0, |entry| entry.next);
            forgotten += after.saturating_sub(stored);
            // The call that was lost may have been done.
            assert!(stored <= after + 1);
            next[place] = stored.max(after);
        }
    }
    (done, forgotten)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_makes_it_forget_what_it_answered() {
    let (done, forgotten) = forgotten(&SAFE, 8).await;
    assert!(done > 100, "{done}");
    assert_eq!(forgotten, 0, "of {done}");
}

/// The control: without a log all is forgotten. That is why such a server is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_log_forgets() {
    let (done, forgotten) = forgotten(&["appendonly", "no"], 1).await;
    assert!(done > 100, "{done}");
    assert_eq!(forgotten, done);
}
