//! How fast codes are verified over a Redis server, beside the same two script calls that the same
//! client issues raw: `redis_throughput redis://127.0.0.1:6379 10`, a server for this alone and, if
//! need be, how many times longer than usual.
//!
//! Both take turns in one run, so that what the machine does otherwise hits both. Each task has an
//! account of its own and waits for each answer. A line is a number of tasks: verifications a
//! second, raw pairs of calls a second, their ratio (the median of the rounds), and the median and
//! 99th percentile of the time one takes, in microseconds, of both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

extern crate alloc;

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use otp_context::{Credential, OtpContext, Rules};
use otp_store::{AsyncStore, AsyncVerifier, CredentialId, Redis, Verdict};
use redis::aio::MultiplexedConnection;
use tokio::task::JoinSet;

const ROUNDS: usize = 9;
/// How many tasks, and how many verifications of each in a round.
const TASKS: [(usize, usize); 3] = [(1, 120), (8, 60), (64, 30)];
const SOURCES: [&str; 2] =
    [include_str!("../src/redis/lua/charge.lua"), include_str!("../src/redis/lua/advance.lua")];

type Verifier = AsyncVerifier<Redis>;

/// An enrolled account and what makes its codes.
struct Account {
    id: CredentialId,
    credential: Credential,
    generation: String,
    next: u64,
}

async fn enrol(verifier: &Verifier, task: usize) -> Account {
    let id = CredentialId::new(format!("user{task}")).unwrap();
    let credential = verifier.context().new_hotp("user").unwrap();
    verifier.enroll(&id, &credential).await.unwrap();
    let code = credential.hotp().unwrap().generate(0).text().to_string();
    assert!(matches!(verifier.confirm(&id, &code).await.unwrap(), Verdict::Accepted(_)));
    let generation = verifier.store().find(&id).await.unwrap().unwrap().generation;
    Account { id, credential, generation: generation.to_string(), next: 1 }
}

/// Says which counter is next: the code may be that of a later one, too, which is spent then.
async fn verify(verifier: &Verifier, account: &Account, code: &str) -> u64 {
    match verifier.verify(&account.id, code).await.unwrap() {
        Verdict::Accepted(accepted) => accepted.counter() + 1,
        verdict => panic!("{verdict:?}"),
    }
}

/// What the store asks, word for word, with nothing around it.
async fn raw(
    connection: &mut MultiplexedConnection,
    hashes: &[String; 2],
    keys: &[String; 2],
    account: &Account,
    counter: u64,
) {
    let policy = ["0", "16", "900", "9"];
    let waits = ["0", "0", "0", "30", "60", "120", "300", "600", "900"];
    let mut charge = redis::cmd("EVALSHA");
    charge.arg(&hashes[0]).arg(2).arg(keys).arg("1700000000").arg("6").arg("1");
    charge.arg(&policy).arg(&policy).arg(&waits).arg(&waits);
    let charged: Vec<redis::Value> = charge.query_async(connection).await.unwrap();
    assert_eq!(charged[0], redis::Value::BulkString(b"permitted".to_vec()));
    let mut advance = redis::cmd("EVALSHA");
    advance.arg(&hashes[1]).arg(2).arg(keys).arg(&account.generation).arg(counter);
    advance.arg(counter + 1).arg(0).arg(&u128::from(counter).to_be_bytes()[..]);
    let advanced: String = advance.query_async(connection).await.unwrap();
    assert_eq!(advanced, "done");
}

/// How long each took, and how long all took together.
type Times = (Vec<Duration>, Duration);

async fn verified(
    verifier: &Arc<Verifier>,
    accounts: Vec<Account>,
    each: usize,
) -> (Times, Vec<Account>) {
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for mut account in accounts {
        let verifier = Arc::clone(verifier);
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(each);
            for _ in 0..each {
                let code =
                    account.credential.hotp().unwrap().generate(account.next).text().to_string();
                let began = Instant::now();
                account.next = verify(&verifier, &account, &code).await;
                times.push(began.elapsed());
            }
            (times, account)
        });
    }
    finish(tasks, began).await
}

async fn asked(
    connection: &MultiplexedConnection,
    hashes: &Arc<[String; 2]>,
    accounts: Vec<Account>,
    each: usize,
) -> (Times, Vec<Account>) {
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for mut account in accounts {
        let (mut connection, hashes) = (connection.clone(), Arc::clone(hashes));
        tasks.spawn(async move {
            let name = account.id.account();
            let keys =
                [format!("raw:credential:{}:{name}:", name.len()), format!("raw:account:{name}")];
            let mut times = Vec::with_capacity(each);
            for _ in 0..each {
                let began = Instant::now();
                raw(&mut connection, &hashes, &keys, &account, account.next).await;
                times.push(began.elapsed());
                account.next += 1;
            }
            (times, account)
        });
    }
    finish(tasks, began).await
}

async fn finish(tasks: JoinSet<(Vec<Duration>, Account)>, began: Instant) -> (Times, Vec<Account>) {
    let (times, accounts): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().unzip();
    ((times.concat(), began.elapsed()), accounts)
}

fn rate((times, all): &Times) -> f64 {
    times.len() as f64 / all.as_secs_f64()
}

fn micros(mut times: Vec<Duration>) -> (u128, u128) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_micros();
    (at(50), at(99))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let url = std::env::args().nth(1).expect("the URL of a Redis server");
    let longer: usize = std::env::args().nth(2).map_or(1, |longer| longer.parse().unwrap());
    let prefixes = ["verify:", "raw:"];
    let mut verifiers = Vec::new();
    for prefix in prefixes {
        let store = Redis::options(&url).unwrap().with_prefix(prefix).connect().await.unwrap();
        for id in store.list(None, usize::MAX).await.unwrap() {
            store.remove(&id).await.unwrap();
        }
        let context = OtpContext::new();
        verifiers
            .push(Arc::new(AsyncVerifier::with_plain_keys(store, context, Rules::new()).unwrap()));
    }
    let client = redis::Client::open(url).unwrap();
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
    let connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    let mut hashes = Vec::new();
    for source in SOURCES {
        let mut load = redis::cmd("SCRIPT");
        let hash: String =
            load.arg("LOAD").arg(source).query_async(&mut connection.clone()).await.unwrap();
        hashes.push(hash);
    }
    let hashes: Arc<[String; 2]> = Arc::new(hashes.try_into().unwrap());
    println!("tasks verify/s    raw/s ratio  p50us  p99us  raw50  raw99");
    for (tasks, each) in TASKS {
        let each = each * longer;
        let mut accounts = [Vec::new(), Vec::new()];
        for (verifier, accounts) in verifiers.iter().zip(&mut accounts) {
            for task in 0..tasks {
                let id = CredentialId::new(format!("user{task}")).unwrap();
                let _ = verifier.store().remove(&id).await.unwrap();
                accounts.push(enrol(verifier, task).await);
            }
        }
        let [mut ours, mut theirs] = accounts;
        let (mut rates, mut latencies) = ([vec![], vec![], vec![]], [vec![], vec![]]);
        for _ in 0..ROUNDS {
            let (verified, back) = verified(&verifiers[0], ours, each).await;
            ours = back;
            let (asked, back) = asked(&connection, &hashes, theirs, each).await;
            theirs = back;
            for (rates, rate) in rates.iter_mut().zip([
                rate(&verified),
                rate(&asked),
                rate(&verified) / rate(&asked),
            ]) {
                rates.push(rate);
            }
            latencies[0].extend(verified.0);
            latencies[1].extend(asked.0);
        }
        let [verify, raw, ratio] = rates.map(median);
        let [(p50, p99), (raw50, raw99)] = latencies.map(micros);
        println!(
            "{tasks:5} {verify:8.0} {raw:8.0} {ratio:5.3} {p50:6} {p99:6} {raw50:6} {raw99:6}"
        );
    }
}
