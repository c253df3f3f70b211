//! A small pooler in transaction mode without prepared statements, and stores behind it.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::io;

use otp_store::{Blocking, Error, Postgres, Store, conformance};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::proxy::{listen, message};
use crate::requests::{CALLS, call, id};
use crate::server::{Database, patient};

/// Each client brings a connection to the server, and each transaction of a client uses one of
/// these connections. Statement names restart with each client, as those of processes do.
struct Pooler {
    place: String,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

/// Without its listener, its connections to the server end with those of its clients.
impl Drop for Pooler {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[derive(Default)]
struct State {
    servers: Mutex<Vec<Arc<Mutex<TcpStream>>>>,
    /// How far a client's transactions are shifted from its own connection.
    shift: AtomicUsize,
    /// How much the shift grows after each transaction.
    step: AtomicUsize,
}

impl Pooler {
    async fn to(url: &str) -> Self {
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        let serve = move |client, server| serve(client, server, Arc::clone(&shared));
        let (place, listening) = listen(url, serve).await;
        Self { place, state, listening }
    }

    fn shift(&self, by: usize) {
        self.state.shift.store(by, Ordering::SeqCst);
    }
}

/// Carries replies until the server is ready. Returns whether no transaction is open.
async fn answers(server: &mut TcpStream, client: &mut TcpStream) -> io::Result<bool> {
    loop {
        let answer = message(server, true).await?;
        client.write_all(&answer).await?;
        if answer[0] == b'Z' {
            return Ok(answer[5] == b'I');
        }
    }
}

async fn serve(mut client: TcpStream, mut server: TcpStream, state: Arc<State>) -> io::Result<()> {
    server.write_all(&message(&mut client, false).await?).await?;
    // The log-in is between client and server.
    loop {
        let answer = message(&mut server, true).await?;
        client.write_all(&answer).await?;
        match (answer[0], answer.get(5..9)) {
            (b'Z', _) => break,
            // An exchange that continues.
            (b'R', Some([0, 0, 0, 3 | 10 | 11])) => {
                server.write_all(&message(&mut client, true).await?).await?;
            }
            _ => {}
        }
    }
    let own = {
        let mut servers = state.servers.lock().await;
        servers.push(Arc::new(Mutex::new(server)));
        servers.len() - 1
    };
    let mut names = BTreeMap::new();
    loop {
        let mut first = group(&mut client, &mut names).await?;
        let server = {
            let servers = state.servers.lock().await;
            let shift = state.shift.fetch_add(state.step.load(Ordering::SeqCst), Ordering::SeqCst);
            Arc::clone(&servers[(own + shift) % servers.len()])
        };
        let mut server = server.lock().await;
        loop {
            server.write_all(&first).await?;
            if answers(&mut server, &mut client).await? {
                break;
            }
            first = match group(&mut client, &mut names).await {
                Ok(next) => next,
                Err(gone) => {
                    // As a pooler does for a client that disconnects.
                    server.write_all(b"Q\0\0\0\x0dROLLBACK\0").await?;
                    while message(&mut *server, true).await?[0] != b'Z' {}
                    return Err(gone);
                }
            };
        }
    }
}

/// Reads messages up to the one that requests a reply, with names of the client's own.
async fn group(
    client: &mut TcpStream,
    names: &mut BTreeMap<Vec<u8>, String>,
) -> io::Result<Vec<u8>> {
    let mut group = Vec::new();
    loop {
        let message = message(client, true).await?;
        let begin = match message[0] {
            b'P' => Some(5),
            b'B' => Some(5 + message[5..].iter().position(|byte| *byte == 0).unwrap() + 1),
            b'D' | b'C' if message[5] == b'S' => Some(6),
            b'X' => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => None,
        };
        let end = matches!(message[0], b'S' | b'Q');
        let Some(begin) = begin else {
            group.extend(message);
            if end {
                return Ok(group);
            }
            continue;
        };
        let length = message[begin..].iter().position(|byte| *byte == 0).unwrap();
        let name = message[begin..begin + length].to_vec();
        let new = format!("s{}", names.len());
        let own = if name.is_empty() { "" } else { names.entry(name).or_insert(new).as_str() };
        let rest = [&message[5..begin], own.as_bytes(), &message[begin + length..]].concat();
        group.push(message[0]);
        group.extend((rest.len() as u32 + 4).to_be_bytes());
        group.extend(rest);
    }
}

/// Returns the number of statements of a call. One call more beforehand swaps the next of them.
fn statements(name: &str) -> usize {
    match name {
        "remove" => 3,
        "store_recovery" | "remove_recovery" => 2,
        _ => 1,
    }
}

/// Returns all stored rows.
async fn stored(admin: &Client) -> Vec<String> {
    let all = "SELECT 'credential' || credential FROM otp_credential AS credential
         UNION ALL SELECT 'throttle' || throttle FROM otp_throttle AS throttle
         UNION ALL SELECT 'code' || code FROM otp_recovery AS code ORDER BY 1";
    let rows = admin.query(all, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Restores the state that calls need: alice is not confirmed, and her account is locked for a
/// while.
async fn prepare(admin: &Client) {
    admin
        .batch_execute(
            "DELETE FROM otp_credential; DELETE FROM otp_recovery; DELETE FROM otp_throttle;
             INSERT INTO otp_throttle VALUES
                 ('alice', 1, 1000900, decode(repeat('07', 16), 'hex'), 0, 3, 0, 0, 5, 'key');
             INSERT INTO otp_recovery VALUES ('alice', decode(repeat('03', 32), 'hex'), NULL);
             INSERT INTO otp_credential VALUES
                 ('alice', '', '{\"record\":7}', false, 6, 7, false, 0, 1, NULL),
                 ('alice', 'phone', '{\"record\":7}', false, 6, 7, true, 0, 1, NULL)",
        )
        .await
        .unwrap();
}

/// Two processes use one name for two statements, and each gets the other's statement.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_swapped_statements_write_nothing() {
    let mut pairs = 0;
    for part in [0, 1, 2, 3].map(|part| tokio::spawn(swapped(part))) {
        pairs += part.await.unwrap();
    }
    assert!(pairs > 100, "{pairs}");
}

/// Swaps every fourth call with each other call, in a database of its own. Returns the number of pairs.
async fn swapped(part: usize) -> usize {
    let database = Database::new(&format!("swapped_{part}")).await;
    drop(database.store().await);
    let admin = database.client().await;
    // Its rows may be lost with the server. Waiting for the disk would take a third of the time.
    admin.batch_execute("SET synchronous_commit = off").await.unwrap();
    // The statement of a charge is that of a confirmation.
    let calls: Vec<_> = CALLS.split(' ').filter(|name| *name != "charge").collect();
    let mut pairs = 0;
    for (place, first) in calls.iter().enumerate().skip(part).step_by(4) {
        for (other, second) in calls.iter().enumerate() {
            // A clamp begins with a charge.
            let same = |name: &str| matches!(name, "confirm" | "clamp");
            if first == second || same(first) && same(second) {
                continue;
            }
            for before in 0..statements(second) {
                let case = format!("{first} for {second}, {before} calls before");
                let pooler = Pooler::to(&database.url).await;
                let url = database.url_at(&pooler.place);
                let one = Postgres::connect_with(&url, patient(1)).await.unwrap();
                let two = Postgres::connect_with(&url, patient(1)).await.unwrap();
                prepare(&admin).await;
                let mut others = calls
                    .iter()
                    .cycle()
                    .skip(place.max(other) + 1)
                    .filter(|name| statements(name) == 1 && !same(name) && *name != first);
                for _ in 0..before {
                    call(&one, others.next().unwrap()).await.unwrap();
                    prepare(&admin).await;
                }
                call(&one, first).await.unwrap();
                prepare(&admin).await;
                call(&two, second).await.unwrap();
                prepare(&admin).await;
                let stored_before = stored(&admin).await;
                pooler.shift(1);
                let answer = call(&one, first).await;
                assert!(answer.as_ref().is_err_and(Error::is_transient), "{case}: {answer:?}");
                assert_eq!(stored(&admin).await, stored_before, "{case}");
                pairs += 1;
            }
        }
    }
    pairs
}

/// A pooler that gives each transaction another connection. These laws make every call.
#[test]
fn postgres_pooler_option_serves_every_call() {
    let runtime = Runtime::new().unwrap();
    let (database, pooler) = runtime.block_on(async {
        let database = Database::new("pooler").await;
        let pooler = Pooler::to(&database.url).await;
        pooler.state.step.store(1, Ordering::SeqCst);
        (database, pooler)
    });
    let url = database.url_at(&pooler.place);
    // Creating the tables uses no named statement either.
    let open = || Blocking::open(Postgres::create_with(&url, patient(1).with_pooler())).unwrap();
    conformance::restored_account(open);
    conformance::account_charged_once(open);
    conformance::spent_in_all(open);
    conformance::reseal_by_compare_and_set(open);
    conformance::drift_forgotten(open);
    conformance::recovery_set_kept(open);
    conformance::recovery_shares_the_throttle(open);
    // The control: without the option, statements are missing.
    let named = Blocking::open(Postgres::connect_with(&url, patient(1))).unwrap();
    assert!(named.find(&id("alice")).is_err_and(|error| error.is_transient()));
}
