//! How much of what the database gives reaches whoever verifies: whole verifications beside the
//! same two statements issued raw, by the same client library, in turns.
//!
//! ```text
//! cargo run --release -p otp-store --no-default-features --features postgres \
//!     --example postgres_throughput -- postgres://… [seconds a turn]
//! ```
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

extern crate alloc;

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use otp_context::{Credential, OtpContext, Policy, Rules, Secrets, Wallet};
use otp_store::{AsyncStore, AsyncVerifier, CredentialId, Postgres, PostgresOptions, Verdict};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, Statement};

const CHARGE: &str = include_str!("../src/postgres/charge.sql");
const ADVANCE: &str = include_str!("../src/postgres/advance.sql");
const ROUNDS: usize = 5;

/// One user who is always right, with a connection beside the store's.
struct User {
    verifier: Arc<AsyncVerifier<Postgres>>,
    id: CredentialId,
    phone: Credential,
    generation: i64,
    next: u64,
    client: Client,
    charge: Statement,
    advance: Statement,
}

#[derive(Clone, Copy)]
enum Way {
    Raw,
    Store,
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap();
    let turn = Duration::from_secs(arguments.next().map_or(2, |turn| turn.parse().unwrap()));
    println!("clients   raw/s  store/s  ratio  raw p50, p99 µs  store p50, p99 µs  all ratios");
    for clients in [1, 8, 64] {
        measure(&url, clients, turn).await;
    }
}

async fn measure(url: &str, clients: usize, turn: Duration) {
    let options = PostgresOptions::new().with_connections(clients);
    let options = options.with_timeout(Duration::from_secs(60));
    let store = Postgres::connect_with(url, options).await.unwrap();
    let secrets = Secrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq").unwrap();
    let context =
        OtpContext::new().with_wallet(Wallet::new("1".parse().unwrap(), &secrets).unwrap());
    let rules = Rules::new().with_policy(Policy::nist());
    let verifier = Arc::new(AsyncVerifier::new(store, context, rules).unwrap());
    let mut users = Vec::new();
    for place in 0..clients {
        users.push(User::new(url, Arc::clone(&verifier), place).await);
    }
    let (mut rounds, mut raw_times, mut store_times) = (Vec::new(), Vec::new(), Vec::new());
    // The first round is for the caches.
    for round in 0..=ROUNDS {
        let (raw, store);
        (users, raw) = run(users, turn, Way::Raw).await;
        (users, store) = run(users, turn, Way::Store).await;
        if round > 0 {
            rounds.push((store.len() as f64 / raw.len() as f64, raw.len(), store.len()));
            raw_times.extend(raw);
            store_times.extend(store);
        }
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, raw, store) = rounds[ROUNDS / 2];
    let each: Vec<String> = rounds.iter().map(|round| format!("{:.3}", round.0)).collect();
    println!(
        "{clients:>7} {:>7.0} {:>8.0} {ratio:>6.3}  {:?}  {:?}  {}",
        raw as f64 / turn.as_secs_f64(),
        store as f64 / turn.as_secs_f64(),
        quantiles(raw_times),
        quantiles(store_times),
        each.join(" "),
    );
}

/// Lets every user verify until the turn is over, and says how long each time took.
async fn run(users: Vec<User>, turn: Duration, way: Way) -> (Vec<User>, Vec<u128>) {
    let end = Instant::now() + turn;
    let mut tasks = JoinSet::new();
    for mut user in users {
        tasks.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let begin = Instant::now();
                match way {
                    Way::Raw => user.raw().await,
                    Way::Store => user.verify().await,
                }
                times.push(begin.elapsed().as_micros());
            }
            (user, times)
        });
    }
    let (users, times): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().unzip();
    (users, times.concat())
}

fn quantiles(mut times: Vec<u128>) -> (u128, u128) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

impl User {
    async fn new(url: &str, verifier: Arc<AsyncVerifier<Postgres>>, place: usize) -> Self {
        let id = CredentialId::new(format!("user-{place}")).unwrap();
        let _old = verifier.store().remove(&id).await.unwrap();
        let phone = verifier.context().new_hotp("user").unwrap();
        verifier.enroll(&id, &phone).await.unwrap();
        let first = phone.hotp().unwrap().generate(0).text().to_string();
        let verdict = verifier.confirm(&id, &first).await.unwrap();
        assert!(matches!(verdict, Verdict::Accepted(_)));
        let entry = verifier.store().find(&id).await.unwrap().unwrap();
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        Self {
            charge: client.prepare(CHARGE).await.unwrap(),
            advance: client.prepare(ADVANCE).await.unwrap(),
            generation: entry.generation as i64,
            next: entry.next,
            verifier,
            id,
            phone,
            client,
        }
    }

    async fn verify(&mut self) {
        let typed = self.phone.hotp().unwrap().generate(self.next).text();
        let verdict = self.verifier.verify(&self.id, typed.as_str()).await.unwrap();
        let Verdict::Accepted(accepted) = verdict else { panic!("{verdict:?}") };
        self.next = accepted.counter() + 1;
    }

    async fn raw(&mut self) {
        let (account, name) = (self.id.account(), self.id.name());
        let (waits, zero, limit, now) = (vec![0_i64], 0_i64, 100_i64, 1_700_000_000_i64);
        let charged = self
            .client
            .query(
                &self.charge,
                &[
                    &account, &name, &true, &6_i16, &now, &waits, &zero, &limit, &waits, &zero,
                    &limit,
                ],
            )
            .await
            .unwrap();
        assert_eq!(charged[0].get::<_, i64>(10), 1);
        let counter = self.next as i64;
        let attempt = &[0_u8; 16][..];
        let advanced = self
            .client
            .query(
                &self.advance,
                &[&account, &name, &self.generation, &counter, &(counter + 1), &0_i16, &attempt],
            )
            .await
            .unwrap();
        assert!(advanced[0].get::<_, bool>(0));
        self.next += 1;
    }
}
