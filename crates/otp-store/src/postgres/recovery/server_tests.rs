//! Recovery codes on a server, beside the store in memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::time::Duration;

use otp_context::OtpContext;
use otp_context::recovery::{RecoveryCodeSize, RecoveryOwner, RecoverySet};
use otp_context::replay::{Lock, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use crate::{
    AccountId, AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    Memory, Postgres, PostgresOptions, RecordText, RecoveryReply, RecoverySpend, Store,
    VerifierOptions,
};

async fn store(schema: &str) -> (Client, Postgres) {
    let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    let empty = format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path = {schema}"
    );
    client.batch_execute(&empty).await.unwrap();
    let url = format!("{url}?options=-c%20search_path%3D{schema}");
    let options = PostgresOptions::new().with_timeout(Duration::from_secs(120));
    (client, Postgres::create_with(&url, options).await.unwrap())
}

fn account(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

fn attempt(number: u64) -> AttemptId {
    AttemptId::from_bytes(u128::from(number).to_be_bytes())
}

fn set(account: &AccountId) -> RecoverySet {
    let context = OtpContext::new().with_plain_keys();
    let owner = RecoveryOwner::new(account.as_str());
    context.new_recovery_codes(owner, RecoveryCodeSize::Long).unwrap().1
}

fn spend(set: &RecoverySet, code: usize, number: u64) -> RecoverySpend {
    RecoverySpend::new(set.id(), set.digests()[code], attempt(number))
}

fn entry() -> Entry {
    Entry { confirmed: true, ..Entry::new(RecordText::new("{}".to_owned()), false, 6, 1) }
}

fn options(limit: u32) -> VerifierOptions {
    let limit = limit.try_into().unwrap();
    let policy = ThrottlePolicy::unlimited().with_limit(limit).with_backoff(&[0, 0, 0, 5]);
    VerifierOptions::new().with_policy(policy)
}

fn recovery_charge(limit: u32, now: u64, number: u64) -> ChargeRequest {
    ChargeRequest::recovery(&options(limit), UnixTime::from_secs(now), attempt(number)).unwrap()
}

fn code_charge(limit: u32, now: u64, number: u64) -> ChargeRequest {
    let (now, format) = (UnixTime::from_secs(now), CodeFormat::default());
    ChargeRequest::new(&options(limit), format, now, true, attempt(number)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_on_codes_is_that_of_the_reference() {
    let (_, store) = store("otp_recovery_model").await;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let (mut kinds, mut number) = (BTreeSet::new(), 0);
    for user in 0..20 {
        let reference = Memory::new(100);
        let account = account(&format!("user{user}"));
        let id = &CredentialId::from(account.clone());
        let mut sets = vec![set(&account)];
        let mut now = 1_000_000;
        for step in 0..120 {
            let place = format!("user {user}, step {step}");
            macro_rules! both {
                ($call:ident($($value:expr),*)) => {{
                    let wanted = Store::$call(&reference, $($value),*).unwrap();
                    let given = AsyncStore::$call(&store, $($value),*).await.unwrap();
                    assert_eq!(given, wanted, "{place}");
                    wanted
                }};
            }
            number += 1;
            now = (now + below(4)).saturating_sub(below(2) * below(2_000)).max(1);
            let old = below(sets.len() as u64) as usize;
            let earlier = number - below(3).min(number);
            let limit = [3, 100][below(2) as usize];
            match below(18) {
                0 | 1 => _ = both!(insert(id, &entry())),
                2 => _ = both!(remove(id)),
                3 => {
                    sets.push(set(&account));
                    both!(store_recovery(&account, sets.last().unwrap()));
                }
                4 => both!(store_recovery(&account, &sets[old])),
                5 => _ = kinds.insert(format!("removed {}", both!(remove_recovery(&account)))),
                6 => {
                    let key = ["", "key", "other"][below(3) as usize];
                    let resealed = both!(reseal_recovery(&account, sets[old].id(), key, "key"));
                    kinds.insert(format!("resealed {resealed}"));
                }
                7 => _ = kinds.insert(format!("unlocked {}", both!(unlock(&account)))),
                8 => _ = kinds.insert(format!("revoked {}", both!(revoke_trust(&account)))),
                9 => {
                    let taken = both!(take_back(&account, attempt(earlier)));
                    kinds.insert(format!("taken back {taken}"));
                }
                10 => drop(both!(charge(id, &code_charge(limit, now, number)))),
                11..=13 => {
                    let charge = recovery_charge(limit, now, number);
                    kinds.insert(match both!(charge_recovery(&account, &charge)) {
                        ChargeReply::Permitted(_) => "permitted".to_owned(),
                        ChargeReply::Locked(throttle) if throttle.lock() == Lock::Hard => {
                            "hard".to_owned()
                        }
                        ChargeReply::Locked(_) => "locked".to_owned(),
                        other => format!("{other:?}"),
                    });
                }
                _ => {
                    let latest = if below(4) == 0 { old } else { sets.len() - 1 };
                    let code = below(12) as usize;
                    let mut spend = spend(&sets[latest], code % 10, earlier);
                    if code > 9 {
                        // A code of another set.
                        let digest = sets[old].digests()[0];
                        spend = RecoverySpend::new(sets[latest].id(), digest, attempt(number));
                    }
                    kinds.insert(match both!(spend_recovery(&account, &spend)) {
                        RecoveryReply::Done { .. } => "done".to_owned(),
                        other => format!("{other:?}"),
                    });
                }
            }
            both!(recovery(&account));
            both!(find(id));
            let listed = AsyncStore::list_recovery(&store, None, 999).await.unwrap();
            let known = Store::recovery(&reference, &account).unwrap().is_some();
            assert_eq!(listed.contains(&account), known, "{place}");
        }
    }
    let all = [
        "Mismatch",
        "Replayed",
        "Stale",
        "Unknown",
        "done",
        "hard",
        "locked",
        "permitted",
        "removed false",
        "removed true",
        "resealed false",
        "resealed true",
        "revoked false",
        "revoked true",
        "taken back false",
        "taken back true",
        "unlocked false",
        "unlocked true",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all, "a case never came up");
}

/// Each of ten spends at once knows of all before it.
#[tokio::test(flavor = "multi_thread")]
async fn codes_spent_at_once_are_counted() {
    let (_, store) = store("otp_recovery_left").await;
    let (store, alice) = (Arc::new(store), account("alice"));
    for _ in 0..20 {
        let set = set(&alice);
        store.store_recovery(&alice, &set).await.unwrap();
        let mut tasks = JoinSet::new();
        for code in 0..10_u8 {
            let (store, alice) = (Arc::clone(&store), alice.clone());
            let spend = spend(&set, code.into(), code.into());
            tasks.spawn(async move { store.spend_recovery(&alice, &spend).await.unwrap() });
        }
        let left = tasks.join_all().await.into_iter().map(|reply| match reply {
            RecoveryReply::Done { left } => left,
            other => panic!("{other:?}"),
        });
        assert_eq!(left.collect::<BTreeSet<_>>(), (0..10).collect());
    }
}

/// All calls at once on one account: no two block each other. A set has its ten codes, and an account
/// without a set has none.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_on_codes_do_not_deadlock() {
    let (client, store) = store("otp_recovery_mixed").await;
    let (store, alice) = (Arc::new(store), account("alice"));
    let id = CredentialId::from(alice.clone());
    let sets = Arc::new([(); 4].map(|()| set(&alice)));
    let mut tasks = JoinSet::new();
    for task in 0..24_usize {
        let (store, sets, alice, id) =
            (Arc::clone(&store), Arc::clone(&sets), alice.clone(), id.clone());
        tasks.spawn(async move {
            for round in 0..60_usize {
                let number = (task * 60 + round) as u64;
                let set = &sets[(task + round) % 4];
                match (task * 7 + round) % 9 {
                    0 | 1 => store.store_recovery(&alice, set).await.unwrap(),
                    2 => _ = store.remove_recovery(&alice).await.unwrap(),
                    3 => _ = store.insert(&id, &entry()).await.unwrap(),
                    4 => _ = store.remove(&id).await.unwrap(),
                    5 => {
                        let charge = recovery_charge(1_000_000, number, number);
                        drop(store.charge_recovery(&alice, &charge).await.unwrap());
                    }
                    6 => {
                        let charge = code_charge(1_000_000, number, number);
                        drop(store.charge(&id, &charge).await.unwrap());
                    }
                    7 => _ = store.unlock(&alice).await.unwrap(),
                    _ => {
                        let spend = spend(set, round % 10, number);
                        let _any = store.spend_recovery(&alice, &spend).await.unwrap();
                    }
                }
                if let Some(entry) = store.recovery(&alice).await.unwrap() {
                    assert!(entry.left <= 10, "{}", entry.left);
                }
            }
        });
    }
    tasks.join_all().await;
    store.store_recovery(&alice, &sets[0]).await.unwrap();
    let count = "SELECT count(*) FROM otp_recovery";
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 10);
    store.insert(&id, &entry()).await.unwrap();
    assert!(store.remove_recovery(&alice).await.unwrap());
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert!(store.remove(&id).await.unwrap());
    assert!(!store.unlock(&alice).await.unwrap(), "an empty account is kept");
}

/// A damaged set or account is an error, never an account without codes.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_set_is_an_error() {
    let (client, store) = store("otp_recovery_damage").await;
    let alice = account("alice");
    let set = set(&alice);
    store.store_recovery(&alice, &set).await.unwrap();
    for (bad, good, expected) in [
        ("recovery_set = -1", format!("recovery_set = {}", set.id().get()), "set"),
        ("recovery_key = NULL", "recovery_key = ''".to_owned(), "recovery key"),
        ("recovery_key = repeat('x', 1025)", "recovery_key = ''".to_owned(), "recovery key"),
        ("trust_epoch = -1", "trust_epoch = 0".to_owned(), "trust"),
    ] {
        let change = |change: &str| format!("UPDATE otp_throttle SET {change}");
        client.batch_execute(&change(bad)).await.unwrap();
        let found = store.recovery(&alice).await;
        assert!(matches!(found, Err(Error::Corrupt(part)) if part == expected), "{bad}: {found:?}");
        let charged = store.charge_recovery(&alice, &recovery_charge(5, 9, 1)).await;
        assert!(matches!(charged, Err(Error::Corrupt(_))), "{bad}: {charged:?}");
        client.batch_execute(&change(&good)).await.unwrap();
    }
    assert!(store.recovery(&alice).await.unwrap().is_some());
    let lost = "ALTER TABLE otp_recovery DROP CONSTRAINT otp_recovery_account_fkey;
        DELETE FROM otp_throttle";
    client.batch_execute(lost).await.unwrap();
    let corrupt = |error: Error| assert!(matches!(error, Error::Corrupt("throttle")), "{error:?}");
    corrupt(store.recovery(&alice).await.unwrap_err());
    corrupt(store.charge_recovery(&alice, &recovery_charge(5, 9, 1)).await.unwrap_err());
    corrupt(store.spend_recovery(&alice, &spend(&set, 0, 1)).await.unwrap_err());
    corrupt(store.unlock(&alice).await.unwrap_err());
    corrupt(store.revoke_trust(&alice).await.unwrap_err());
}
