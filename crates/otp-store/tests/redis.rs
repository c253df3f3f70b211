//! The store in a Redis server, whose URL is in `OTP_TEST_REDIS`: one with `appendonly yes` and
//! `appendfsync always`, for tests alone.
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

#[path = "redis/ask.rs"]
mod ask;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use otp_context::{Advance, Lock, Policy, Rules, Throttle};
use otp_core::UnixTime;
use otp_store::{
    Advanced, AsyncStore, Charged, CredentialId, Entry, Error, Memory, RecordText, Redis, Store,
};
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::{Builder, Runtime};

use crate::ask::{advance, charge, entry};

const SERVER: &str = "needs a Redis server in OTP_TEST_REDIS";

fn url() -> String {
    std::env::var("OTP_TEST_REDIS").expect(SERVER)
}

/// A prefix that nobody has used.
fn prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (count, process) = (COUNT.fetch_add(1, Ordering::Relaxed), std::process::id());
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("otp-test:{process}:{now}:{count}:")
}

async fn open(prefix: &str) -> Redis {
    Redis::options(&url()).unwrap().with_prefix(prefix).connect().await.unwrap()
}

/// Another client, that goes past the store.
async fn raw() -> ::redis::aio::MultiplexedConnection {
    ::redis::Client::open(url()).unwrap().get_multiplexed_async_connection().await.unwrap()
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

fn waits() -> Rules {
    Rules::new().with_policy(Policy::unlimited().with_waits(&[0, 0, 0, 5]))
}

/// A store with one confirmed credential, whose lowest unspent counter is this.
async fn confirmed(prefix: &str, next: u64) -> (Redis, CredentialId) {
    let (redis, alice) = (open(prefix).await, id("alice", ""));
    assert!(redis.insert(&alice, &entry("record", 7, next - 1, true)).await.unwrap());
    let first = advance(7, next - 1, 0);
    assert_eq!(redis.advance(&alice, &first).await.unwrap(), Advanced::Done);
    (redis, alice)
}

#[derive(Clone, Debug)]
enum Op {
    Insert { who: usize, generation: u64, next: u64, hotp: bool, record: usize },
    Charge { who: usize, rules: usize, now: u64, length: usize, confirmed: bool },
    Advance { who: usize, generation: u64, counter: u64, drift: i16, again: bool },
    Reseal { who: usize, old: usize, new: usize },
    Unlock { who: usize },
    Remove { who: usize },
    List { after: Option<usize>, most: usize },
}

fn counters() -> impl Strategy<Value = u64> {
    let double = 1 << 53;
    let edges = [9, 10, 99, 100, 9_999_999_999, 10_000_000_000, u64::MAX - 2, u64::MAX - 1];
    prop_oneof![
        4 => select(vec![double - 1, double, double + 1, double + 2, double + 3]),
        2 => 1..20_u64,
        2 => select(edges.to_vec()),
        1 => 1..u64::MAX,
    ]
}

fn times() -> impl Strategy<Value = u64> {
    let latest = (1_u64 << 53) - (1 << 32);
    prop_oneof![
        8 => 1_700_000_000..1_700_000_020_u64,
        1 => select(vec![0, 1, 5, latest - 1, latest]),
        1 => 0..latest,
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let who = || 0..3_usize;
    let generation = || select(vec![7, (1 << 53) + 1, u64::MAX]);
    prop_oneof![
        2 => (who(), generation(), counters(), any::<bool>(), 0..2_usize).prop_map(
            |(who, generation, next, hotp, record)| Op::Insert {
                who, generation, next, hotp, record,
            }
        ),
        8 => (who(), 0..6_usize, times(), prop_oneof![9 => Just(6_usize), 1 => 5..10_usize], any::<bool>())
            .prop_map(|(who, rules, now, length, confirmed)| Op::Charge {
                who, rules, now, length, confirmed,
            }),
        8 => (who(), generation(), counters(), -3..3_i16, any::<bool>()).prop_map(
            |(who, generation, counter, drift, again)| Op::Advance {
                who, generation, counter, drift, again,
            }
        ),
        1 => (who(), 0..2_usize, 0..2_usize).prop_map(|(who, old, new)| Op::Reseal {
            who, old, new,
        }),
        1 => who().prop_map(|who| Op::Unlock { who }),
        1 => who().prop_map(|who| Op::Remove { who }),
        1 => (proptest::option::of(who()), 0..4_usize)
            .prop_map(|(after, most)| Op::List { after, most }),
    ]
}

fn rules(which: usize) -> Rules {
    let with = |policy| Rules::new().with_policy(policy);
    match which {
        0 => Rules::new(),
        1 => waits(),
        2 => with(Policy::rfc4226(u32::MAX)),
        3 => with(Policy::rfc4226(3)),
        4 => with(Policy::nist().with_waits(&[])),
        // Attempts run out: HOTP's after five, TOTP's after 33.
        _ => Rules::new().with_look_ahead(19),
    }
}

/// Does the same in both stores, and compares all that they say.
async fn compare(redis: &Redis, memory: &dyn Store, op: &Op, last: &mut Option<Advance>) {
    let ids = [id("alice", ""), id("alice", "phone"), id("bob", "")];
    let records = ["{\"a\":1}", "{\"a\":\"\u{e9}\"}"].map(|text| RecordText::new(text.to_owned()));
    match *op {
        Op::Insert { who, generation, next, hotp, record } => {
            let entry =
                Entry { record: records[record].clone(), ..entry("", generation, next, hotp) };
            let expected = Store::insert(&memory, &ids[who], &entry).unwrap();
            assert_eq!(redis.insert(&ids[who], &entry).await.unwrap(), expected);
        }
        Op::Charge { who, rules: which, now, length, confirmed } => {
            let charge = charge(&rules(which), now, length, confirmed);
            let expected = Store::charge(&memory, &ids[who], &charge).unwrap();
            assert_eq!(redis.charge(&ids[who], &charge).await.unwrap(), expected);
        }
        Op::Advance { who, generation, counter, drift, again } => {
            let drift = if counter > 3 && counter < u64::MAX - 3 { drift } else { 0 };
            let advance = match *last {
                Some(last) if again => last,
                _ => advance(generation, counter, drift),
            };
            *last = Some(advance);
            let expected = Store::advance(&memory, &ids[who], &advance).unwrap();
            assert_eq!(redis.advance(&ids[who], &advance).await.unwrap(), expected);
        }
        Op::Reseal { who, old, new } => {
            let (old, new) = (&records[old], &records[new]);
            let expected = Store::reseal(&memory, &ids[who], old, new).unwrap();
            assert_eq!(redis.reseal(&ids[who], old, new).await.unwrap(), expected);
        }
        Op::Unlock { who } => {
            let expected = Store::unlock(&memory, &ids[who]).unwrap();
            assert_eq!(redis.unlock(&ids[who]).await.unwrap(), expected);
        }
        Op::Remove { who } => {
            let expected = Store::remove(&memory, &ids[who]).unwrap();
            assert_eq!(redis.remove(&ids[who]).await.unwrap(), expected);
        }
        Op::List { after, most } => {
            let after = after.map(|who| &ids[who]);
            let expected = Store::list(&memory, after, most).unwrap();
            assert_eq!(redis.list(after, most).await.unwrap(), expected);
        }
    }
    for id in &ids {
        assert_eq!(redis.find(id).await.unwrap(), Store::find(&memory, id).unwrap());
    }
}

#[test]
fn any_sequence_ends_as_in_memory() {
    let runtime = runtime();
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() };
    proptest!(config, |(ops in proptest::collection::vec(ops(), 1..60))| {
        runtime.block_on(async {
            let (redis, memory, mut last) = (open(&prefix()).await, Memory::new(9), None);
            for op in &ops {
                compare(&redis, &memory, op, &mut last).await;
            }
        });
    });
}

/// Each type of credential has its own policy, and each ends where it should.
#[tokio::test]
async fn every_policy_counts_to_its_end() {
    for (which, hotp) in (0..6).flat_map(|which| [(which, false), (which, true)]) {
        let (redis, alice) = (open(&prefix()).await, id("alice", ""));
        let mut expected = entry("record", 7, 0, hotp);
        assert!(redis.insert(&alice, &expected).await.unwrap());
        for attempt in 0..40 {
            let charge = charge(&rules(which), 1_700_000_000 + attempt * 450, 6, false);
            let charged = expected.clone().charge(&charge);
            if let Charged::Permitted(Entry { throttle, .. }) | Charged::Locked(throttle) = &charged
            {
                expected.throttle = *throttle;
            }
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), charged, "{which} {hotp}");
        }
    }
}

#[tokio::test]
async fn counters_take_all_of_64_bits() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let double = 1 << 53;
    for counter in [9, 10, double - 1, double, double + 1, double + 2, u64::MAX - 1] {
        let (first, second) = (advance(7, counter, 0), advance(7, counter, 0));
        assert_eq!(redis.advance(&alice, &first).await.unwrap(), Advanced::Done, "{counter}");
        assert_eq!(redis.advance(&alice, &second).await.unwrap(), Advanced::Replayed, "{counter}");
        assert_eq!(redis.advance(&alice, &first).await.unwrap(), Advanced::Done, "{counter}");
        let stored = redis.find(&alice).await.unwrap().unwrap();
        assert_eq!((stored.next, stored.attempt), (counter + 1, Some(first.attempt())));
    }
}

/// The control: as numbers, in the same server, the counters beyond 2^53 are the same.
#[tokio::test]
async fn doubles_would_not() {
    let script = b"return tostring(tonumber(ARGV[1]) < tonumber(ARGV[2]))";
    let (a, b) = ((1_u64 << 53).to_string(), ((1_u64 << 53) + 1).to_string());
    let answer = command(&[b"EVAL", script, b"0", a.as_bytes(), b.as_bytes()]).await;
    assert_eq!(answer, ::redis::Value::BulkString(b"false".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_attempts_at_one_counter_one_is_done() {
    let prefix = prefix();
    let (first, alice) = confirmed(&prefix, 1).await;
    let mut stores = vec![Arc::new(first)];
    for _ in 0..3 {
        stores.push(Arc::new(open(&prefix).await));
    }
    for counter in 1..30 {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..64 {
            let (store, alice) = (Arc::clone(&stores[task % 4]), alice.clone());
            let advance = advance(7, counter, 0);
            tasks.spawn(async move { store.advance(&alice, &advance).await.unwrap() });
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|answer| **answer == Advanced::Done).count();
        assert_eq!(done, 1);
        assert!(answers.iter().all(|answer| matches!(answer, Advanced::Done | Advanced::Replayed)));
    }
}

/// The control: read, compare, write back, through the same client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_and_writing_back_does_it_twice() {
    let (key, connection) = (prefix(), raw().await);
    let done = Arc::new(AtomicU32::new(0));
    for counter in 1..30_u64 {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (key, mut connection, done) = (key.clone(), connection.clone(), Arc::clone(&done));
            tasks.spawn(async move {
                let next: Option<u64> =
                    ::redis::cmd("GET").arg(&key).query_async(&mut connection).await.unwrap();
                if next.unwrap_or_default() <= counter {
                    let mut set = ::redis::cmd("SET");
                    set.arg(&key).arg(counter + 1).exec_async(&mut connection).await.unwrap();
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        tasks.join_all().await;
    }
    assert!(done.load(Ordering::SeqCst) > 29);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_1920_charges_at_one_instant_four_are_permitted() {
    let prefix = prefix();
    let (_, alice) = confirmed(&prefix, 1).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = Arc::new(open(&prefix).await);
        for _ in 0..240 {
            let (store, alice) = (Arc::clone(&store), alice.clone());
            let charge = charge(&waits(), 1_700_000_000, 6, true);
            tasks.spawn(async move { store.charge(&alice, &charge).await.unwrap() });
        }
    }
    let answers = tasks.join_all().await;
    let until = Lock::Until(UnixTime::from_secs(1_700_000_005));
    let locked = Charged::Locked(Throttle::resume(4, until));
    let permitted = answers.iter().filter(|answer| matches!(answer, Charged::Permitted(_))).count();
    assert_eq!((answers.len(), permitted), (1920, 4));
    assert_eq!(answers.iter().filter(|answer| **answer == locked).count(), 1916);
}

#[tokio::test]
async fn failures_stop_at_the_largest_number() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let account = format!("{prefix}account:alice");
    for failures in [u32::MAX - 2, u32::MAX - 1, u32::MAX] {
        for policy in [Policy::rfc4226(u32::MAX), Policy::unlimited(), Policy::rfc4226(1)] {
            let text = failures.to_string();
            let fields: [&[u8]; 4] = [b"failures", text.as_bytes(), b"lock", b"open"];
            command(&[&[b"HSET", account.as_bytes()], &fields[..]].concat()).await;
            let stored = redis.find(&alice).await.unwrap().unwrap();
            assert_eq!(stored.throttle.failures(), failures);
            let charge = charge(&Rules::new().with_policy(policy), 1_700_000_000, 6, true);
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), stored.charge(&charge));
        }
    }
}

#[tokio::test]
async fn times_that_a_double_does_not_hold_are_refused() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let latest = (1 << 53) - (1 << 32);
    let rules = Rules::new().with_policy(Policy::rfc4226(u32::MAX));
    for now in [latest + 1, 1 << 53, u64::MAX] {
        let refused = redis.charge(&alice, &charge(&rules, now, 6, true)).await;
        assert!(matches!(refused, Err(Error::TooLarge("time"))), "{now}");
    }
    let stored = redis.find(&alice).await.unwrap().unwrap();
    assert_eq!(stored.throttle, Throttle::default());
    let at_last = charge(&rules, latest, 6, true);
    assert_eq!(redis.charge(&alice, &at_last).await.unwrap(), stored.charge(&at_last));
    let until = redis.find(&alice).await.unwrap().unwrap().throttle.lock();
    assert_eq!(until, Lock::Until(UnixTime::from_secs((1 << 53) - 1)));
}

#[tokio::test]
async fn ids_are_listed_byte_for_byte() {
    let redis = open(&prefix()).await;
    let texts = ["a", "ab", "a b", "1", "1:a", "a:1", ":", "-", "+", "[", "(", "é", "\u{10ffff}"];
    let mut ids = BTreeSet::new();
    for account in texts {
        for name in texts.into_iter().chain([""]) {
            ids.insert(id(account, name));
        }
    }
    for id in &ids {
        assert!(redis.insert(id, &entry(id.name(), 1, 0, false)).await.unwrap());
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = redis.list(after.as_ref(), 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page);
    }
    assert_eq!(seen, Vec::from_iter(ids.clone()));
    assert_eq!(redis.list(None, usize::MAX).await.unwrap(), seen);
    assert_eq!(redis.list(None, 0).await.unwrap(), []);
    for id in &ids {
        let stored = redis.find(id).await.unwrap().unwrap();
        assert_eq!(stored.record.as_str(), id.name());
        assert!(redis.remove(id).await.unwrap());
    }
    assert_eq!(redis.list(None, usize::MAX).await.unwrap(), []);
}

#[tokio::test]
async fn nothing_is_left_of_what_was_removed_but_the_schema() {
    let prefix = prefix();
    let redis = open(&prefix).await;
    let (alice, phone, alicia) = (id("alice", ""), id("alice", "phone"), id("alicia", ""));
    for id in [&alice, &phone, &alicia] {
        assert!(redis.insert(id, &entry("record", 7, 0, false)).await.unwrap());
        let _ = redis.charge(id, &charge(&waits(), 9, 6, false)).await.unwrap();
    }
    assert!(redis.remove(&alice).await.unwrap());
    assert!(!redis.remove(&alice).await.unwrap());
    let left = redis.find(&phone).await.unwrap().unwrap();
    assert_eq!(left.throttle.failures(), 2, "the account is still there");
    assert!(redis.remove(&phone).await.unwrap());
    assert_eq!(redis.find(&alicia).await.unwrap().unwrap().throttle.failures(), 1);
    assert!(redis.remove(&alicia).await.unwrap());
    let keys: Vec<String> =
        ::redis::cmd("KEYS").arg(format!("{prefix}*")).query_async(&mut raw().await).await.unwrap();
    assert_eq!(keys, [format!("{prefix}schema")]);
}

#[tokio::test]
async fn a_script_that_the_server_forgot_is_sent_again() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    command(&[b"SCRIPT", b"FLUSH"]).await;
    assert_eq!(redis.advance(&alice, &advance(7, 5, 0)).await.unwrap(), Advanced::Done);
    assert_eq!(redis.find(&alice).await.unwrap().unwrap().next, 6);
}

/// Calls are dropped at every stage; the answers of the others stay theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_dropped_takes_its_answer_with_it() {
    let redis = Arc::new(open(&prefix()).await);
    let ids: Vec<_> = (0..50).map(|n| id(&format!("user{n}"), "")).collect();
    for id in &ids {
        assert!(redis.insert(id, &entry(id.account(), 7, 0, false)).await.unwrap());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..3000_usize {
        let (redis, id) = (Arc::clone(&redis), ids[task % 50].clone());
        tasks.spawn(async move {
            let patience = Duration::from_micros((task as u64 * 7) % 900);
            match tokio::time::timeout(patience, redis.find(&id)).await {
                Err(_) => false,
                Ok(found) => {
                    assert_eq!(found.unwrap().unwrap().record.as_str(), id.account());
                    true
                }
            }
        });
        if task % 16 == 0 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
    let answered = tasks.join_all().await;
    let count = answered.iter().filter(|answered| **answered).count();
    assert!(count > 0 && count < answered.len(), "{count} of {} answered", answered.len());
    for id in &ids {
        assert_eq!(redis.find(id).await.unwrap().unwrap().record.as_str(), id.account());
    }
}

#[tokio::test]
async fn a_field_that_is_damaged_lets_nobody_in() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let (credential, account) =
        (format!("{prefix}credential:5:alice:"), format!("{prefix}account:alice"));
    let damages: [(&str, &str, &[&str]); 10] = [
        ("record", "record", &["\u{1}\u{fffd}"]),
        ("hotp", "hotp", &["", "2", "true"]),
        ("length", "length", &["", "4", "11", "06", "-6", "six"]),
        ("generation", "generation", &["", "-1", "07", "7.0", "18446744073709551616", "7 "]),
        ("confirmed", "confirmed", &["", "2", "yes"]),
        ("next", "counter", &["", "-1", "+1", "01", "1e3", "nil", "18446744073709551616"]),
        ("drift", "drift", &["", "32768", "-0", "x"]),
        ("attempt", "attempt", &["x", "0123456789abcdef0"]),
        (
            "failures",
            "failures",
            &["", "-1", "00", "4294967296", "1e2", "0x1", "99999999999999999"],
        ),
        ("lock", "lock", &["", "-1", "closed", "nan", "inf", "9007199254740993", "0x10"]),
    ];
    for (field, part, values) in damages {
        let key = if matches!(field, "failures" | "lock") { &account } else { &credential };
        let (key, field) = (key.as_bytes(), field.as_bytes());
        let ::redis::Value::BulkString(sound) = command(&[b"HGET", key, field]).await else {
            panic!("no {part}")
        };
        for value in values.iter().map(|value| Some(value.as_bytes())).chain([None]) {
            // A record is text, and only text can be told from other bytes.
            let value = if part == "record" { value.map(|_| &b"\xff"[..]) } else { value };
            match value {
                Some(value) => command(&[b"HSET", key, field, value]).await,
                None => command(&[b"HDEL", key, field]).await,
            };
            let shown = value.map(String::from_utf8_lossy);
            let found = redis.find(&alice).await;
            assert!(
                matches!(found, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {found:?}"
            );
            let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await;
            assert!(
                matches!(charged, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {charged:?}"
            );
            command(&[b"HSET", key, field, &sound]).await;
            assert!(redis.unlock(&alice).await.unwrap());
        }
    }
    // The control: sound again, it lets in.
    let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    assert!(matches!(charged, Charged::Permitted(_)));
}

#[tokio::test]
async fn a_counter_that_is_damaged_is_never_advanced() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let key = format!("{prefix}credential:5:alice:");
    for value in ["", "x", "-1", " 1", "1.0"] {
        command(&[b"HSET", key.as_bytes(), b"next", value.as_bytes()]).await;
        let answer = redis.advance(&alice, &advance(7, 1000, 0)).await;
        assert!(matches!(answer, Err(Error::Corrupt(_))), "{value:?} {answer:?}");
    }
    command(&[b"HDEL", key.as_bytes(), b"next"]).await;
    assert!(matches!(redis.advance(&alice, &advance(7, 1000, 0)).await, Err(Error::Corrupt(_))));
    command(&[b"HSET", key.as_bytes(), b"next", b"1"]).await;
    assert_eq!(redis.advance(&alice, &advance(7, 1000, 0)).await.unwrap(), Advanced::Done);
}

#[tokio::test]
async fn what_is_not_ours_stays_as_it_is() {
    for (schema, newer) in
        [("otp-store 2", true), ("otp-store 4000000000", true), ("7", false), ("", false)]
    {
        let prefix = prefix();
        let key = format!("{prefix}schema");
        command(&[b"SET", key.as_bytes(), schema.as_bytes()]).await;
        let refused =
            Redis::options(&url()).unwrap().with_prefix(prefix.as_str()).connect().await.err();
        match newer {
            true => assert!(matches!(refused, Some(Error::Newer)), "{schema} {refused:?}"),
            false => assert!(matches!(refused, Some(Error::Foreign)), "{schema} {refused:?}"),
        }
        let left = command(&[b"GET", key.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(schema.into()));
    }
    // Another type under the schema's key, or an index without one.
    for key in ["schema", "index"] {
        let prefix = prefix();
        command(&[b"LPUSH", format!("{prefix}{key}").as_bytes(), b"x"]).await;
        let refused =
            Redis::options(&url()).unwrap().with_prefix(prefix.as_str()).connect().await.err();
        assert!(matches!(refused, Some(Error::Foreign)), "{key} {refused:?}");
    }
}

#[tokio::test]
async fn a_key_of_another_type_is_refused_and_nothing_is_half_done() {
    for key in ["credential:5:alice:", "account:alice", "index"] {
        let prefix = prefix();
        let (redis, alice) = (open(&prefix).await, id("alice", ""));
        let foreign = format!("{prefix}{key}");
        command(&[b"SET", foreign.as_bytes(), b"x"]).await;
        let refused = redis.insert(&alice, &entry("record", 7, 0, false)).await;
        assert!(matches!(refused, Err(Error::Corrupt(_))), "{key} {refused:?}");
        let keys: BTreeSet<String> = ::redis::cmd("KEYS")
            .arg(format!("{prefix}*"))
            .query_async(&mut raw().await)
            .await
            .unwrap();
        assert_eq!(keys, BTreeSet::from([format!("{prefix}schema"), foreign.clone()]));
        if key != "index" {
            let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await;
            assert!(matches!(charged, Err(Error::Corrupt("key"))), "{key} {charged:?}");
            let advanced = redis.advance(&alice, &advance(7, 1, 0)).await;
            assert!(matches!(advanced, Err(Error::Corrupt("key"))), "{key} {advanced:?}");
        }
        let left = command(&[b"GET", foreign.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(b"x".to_vec()));
    }
}

#[tokio::test]
async fn no_key_expires() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let _ = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    let keys: Vec<String> =
        ::redis::cmd("KEYS").arg(format!("{prefix}*")).query_async(&mut raw().await).await.unwrap();
    assert_eq!(keys.len(), 4);
    for key in keys {
        assert_eq!(command(&[b"TTL", key.as_bytes()]).await, ::redis::Value::Int(-1), "{key}");
    }
}
