//! A small pooler in transaction mode without prepared statements, and stores behind it.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::io;

use otp_context::recovery::RecoverySetId;
use otp_context::replay::ThrottlePolicy;
use otp_store::{
    Account, AccountCopy, AsyncStore, AttemptId, ChargeReply, Error, Postgres, RecordText,
    SpendReply,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::phone::{charge, entry, id, recovery_set, spend};
use crate::proxy::message;
use crate::server::{Database, patient};

/// Each client brings a connection to the server, and each transaction of a client uses one of
/// these connections. Statement names restart with each client, as those of processes do.
struct Pooler {
    port: u16,
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
        let (_, place) = url.rsplit_once('@').unwrap();
        let server = place.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, state) = (listener.local_addr().unwrap().port(), Arc::<State>::default());
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&server).await.unwrap();
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                drop(tokio::spawn(serve(client, server, Arc::clone(&shared))));
            }
        });
        Self { port, state, listening }
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

const CALLS: [&str; 23] = [
    "insert",
    "find",
    "credentials",
    "charge",
    "charge_account",
    "clamp",
    "take_back",
    "spend",
    "spend_all",
    "reseal",
    "reset_drift",
    "unlock",
    "remove",
    "list",
    "revoke_trust",
    "store_recovery",
    "recovery",
    "charge_recovery",
    "reseal_recovery",
    "remove_recovery",
    "list_recovery",
    "copy",
    "restore",
];

/// The calls of several statements.
const SEVERAL: [&str; 3] = ["remove", "store_recovery", "remove_recovery"];

/// Returns an account to store.
fn bob() -> AccountCopy {
    let (bob, account) = (id("bob"), Account::default());
    let credentials = vec![(bob.clone(), entry(7))];
    AccountCopy::new(bob.account().clone(), account, credentials, None).unwrap().unwrap()
}

/// Makes a call about one credential, and returns its reply as text.
async fn call(store: &Postgres, name: &str) -> Result<String, Error> {
    let alice = id("alice");
    let policy = ThrottlePolicy::unlimited().with_backoff(&[900]);
    Ok(match name {
        "insert" => store.insert(&alice, &entry(7)).await?.to_string(),
        "find" => store.find(&alice).await?.is_some().to_string(),
        "charge" => {
            format!("{:?}", store.charge(&alice, &charge(false, 6, 1_000_000, policy)).await?)
        }
        // The clock was set back.
        "clamp" => format!("{:?}", store.charge(&alice, &charge(false, 6, 5_000, policy)).await?),
        "take_back" => {
            store.take_back(alice.account(), AttemptId::from_bytes([7; 16])).await?.to_string()
        }
        "credentials" => store.credentials(alice.account()).await?.len().to_string(),
        "charge_account" => {
            let charge = charge(true, 6, 1_000_000, policy);
            format!("{:?}", store.charge_account(alice.account(), &charge).await?)
        }
        "spend_all" => {
            format!("{:?}", store.spend_all(alice.account(), &[("", spend(7, 1, 0))]).await?)
        }
        "reset_drift" => store.reset_drift(&alice).await?.to_string(),
        "spend" => format!("{:?}", store.spend(&alice, &spend(7, 1, 0)).await?),
        "reseal" => {
            let new = RecordText::new("{}".to_owned());
            store.reseal(&alice, &entry(7).record, &new).await?.to_string()
        }
        "unlock" => store.unlock(alice.account()).await?.to_string(),
        "remove" => store.remove(&alice).await?.to_string(),
        "list" => store.list(None, 10).await?.len().to_string(),
        "revoke_trust" => store.revoke_trust(alice.account()).await?.to_string(),
        "store_recovery" => {
            format!("{:?}", store.store_recovery(alice.account(), &recovery_set(&alice)).await?)
        }
        "recovery" => format!("{:?}", store.recovery(alice.account()).await?),
        "charge_recovery" => {
            let charge = charge(true, 6, 1_000_000, policy);
            format!("{:?}", store.charge_recovery(alice.account(), &charge).await?)
        }
        "reseal_recovery" => {
            let set = RecoverySetId::new(5).unwrap();
            store.reseal_recovery(alice.account(), set, "key", "new").await?.to_string()
        }
        "remove_recovery" => store.remove_recovery(alice.account()).await?.to_string(),
        "list_recovery" => store.list_recovery(None, 10).await?.len().to_string(),
        "copy" => store.copy(alice.account()).await?.is_some().to_string(),
        "restore" => store.restore(&bob()).await?.to_string(),
        _ => panic!("{name}"),
    })
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
    let mut pairs = 0;
    for (place, first) in CALLS.iter().enumerate().skip(part).step_by(4) {
        for (other, second) in CALLS.iter().enumerate() {
            // A clamp begins with a charge.
            let same = |name: &str| if name == "clamp" { "charge" } else { name }.to_owned();
            if same(first) == same(second) {
                continue;
            }
            // The later statements of a transaction are reached by later calls.
            let positions = match *second {
                "remove" => 3,
                "store_recovery" | "remove_recovery" => 2,
                _ => 1,
            };
            for before in 0..positions {
                let case = format!("{first} for {second}, {before} calls before");
                let pooler = Pooler::to(&database.url).await;
                let url = database.url_at(pooler.port);
                let one = Postgres::connect_with(&url, patient(1)).await.unwrap();
                let two = Postgres::connect_with(&url, patient(1)).await.unwrap();
                prepare(&admin).await;
                let mut others = CALLS.iter().cycle().skip(place.max(other) + 1).filter(|name| {
                    !SEVERAL.contains(name) && !["clamp", "charge", first].contains(name)
                });
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

/// A pooler that gives each transaction another connection.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_pooler_option_serves_every_call() {
    let database = Database::new("pooler").await;
    let pooler = Pooler::to(&database.url).await;
    let url = database.url_at(pooler.port);
    drop(database.store().await);
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Postgres::connect_with(&url, patient(1).with_pooler()).await.unwrap());
    }
    pooler.state.step.store(1, Ordering::SeqCst);
    // Creating the tables uses no named statement either.
    database.run("DROP TABLE otp_schema, otp_credential, otp_recovery, otp_throttle").await;
    stores.push(Postgres::create_with(&url, patient(1).with_pooler()).await.unwrap());
    for store in &stores {
        assert!(store.insert(&id("alice"), &entry(7)).await.unwrap());
        let charge = charge(false, 6, 9, ThrottlePolicy::unlimited());
        for _ in 0..2 {
            let charged = store.charge(&id("alice"), &charge).await.unwrap();
            assert!(matches!(charged, ChargeReply::Permitted(_)));
        }
        assert!(store.take_back(id("alice").account(), charge.attempt()).await.unwrap());
        assert!(store.reset_drift(&id("alice")).await.unwrap());
        let first = spend(7, 1, 0);
        assert_eq!(store.spend(&id("alice"), &first).await.unwrap(), SpendReply::Done);
        assert_eq!(store.spend(&id("alice"), &first).await.unwrap(), SpendReply::Done);
        let again = spend(7, 1, 0);
        assert_eq!(store.spend(&id("alice"), &again).await.unwrap(), SpendReply::Replayed);
        let entries = store.credentials(id("alice").account()).await.unwrap();
        assert_eq!(entries.len(), 1);
        let charge = crate::phone::charge(true, 6, 9, ThrottlePolicy::unlimited());
        let charged = store.charge_account(id("alice").account(), &charge).await.unwrap();
        assert!(matches!(charged, ChargeReply::Permitted(entries) if entries.len() == 1));
        let spends = [("", spend(7, 2, 0))];
        for _ in 0..2 {
            let spent = store.spend_all(id("alice").account(), &spends).await.unwrap();
            assert_eq!(spent, SpendReply::Done);
        }
        let new = RecordText::new("{}".to_owned());
        assert!(store.reseal(&id("alice"), &entry(7).record, &new).await.unwrap());
        assert!(store.unlock(id("alice").account()).await.unwrap());
        assert_eq!(store.list(None, 9).await.unwrap(), [id("alice")]);
        assert!(store.restore(&bob()).await.unwrap());
        assert_eq!(store.copy(id("bob").account()).await.unwrap(), Some(bob()));
        assert!(store.remove(&id("bob")).await.unwrap());
        assert!(store.remove(&id("alice")).await.unwrap());
        assert!(store.find(&id("alice")).await.unwrap().is_none());
    }
    // The control: without the option, statements are missing.
    let named = Postgres::connect_with(&url, patient(1)).await.unwrap();
    assert!(named.find(&id("alice")).await.is_err_and(|error| error.is_transient()));
}
