//! For any requests, the replies equal those of the store in memory, which calls `Entry::charge`
//! and `Entry::spend`.

use alloc::collections::BTreeSet;

use otp_context::replay::{Lock, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime, Window};
use otp_store::{
    AccountId, AsyncStore, AttemptId, ChargeReply, CredentialId, Entry, Error, Memory, RecordText,
    SpendReply, Store,
};

use crate::phone::{charge, entry, id, spend};
use crate::server::Database;

/// Marsaglia's generator xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

fn policies() -> Vec<ThrottlePolicy> {
    let strict = ThrottlePolicy::new(CodeFormat::default(), Window::new(9, 9)).unwrap();
    assert_eq!(strict.limit(), 5);
    vec![
        strict,
        strict.with_backoff(&[0, 0, 0, 5]),
        strict.with_backoff(&[7, 0, 3]),
        strict.with_backoff(&[]),
        ThrottlePolicy::rfc4226(5),
        ThrottlePolicy::rfc4226(2_000_000_000),
        // Twice that is the longest wait of 32 bits, minus one.
        ThrottlePolicy::rfc4226(2_147_483_647),
        ThrottlePolicy::rfc4226(u32::MAX),
        ThrottlePolicy::nist(),
        ThrottlePolicy::unlimited(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_is_that_of_the_reference() {
    let database = Database::new("model").await;
    let store = database.store().await;
    let (mut answers, mut kinds, mut of_accounts) = (0, BTreeSet::new(), BTreeSet::new());
    for seed in 1..=60_u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let reference = Memory::new(100);
        let user = format!("user{seed}");
        let ids: Vec<CredentialId> =
            ["", "phone", "\u{e9}"].map(|name| id(&user).with_name(name).unwrap()).to_vec();
        let policies = policies();
        let (mut now, mut generation, mut last) = (1_000_000_u64, 1, None);
        let (mut charge_before, mut last_all) = (None, None);
        let account = &AccountId::new(&user).unwrap();
        for step in 0..120 {
            let place = format!("seed {seed}, step {step}");
            let id = random.one(&ids);
            match random.below(26) {
                0 | 1 => {
                    generation += 1;
                    let hotp = random.below(2) == 0;
                    let confirmed = random.below(4) == 0;
                    let mut entry = entry(generation);
                    (entry.hotp, entry.confirmed) = (hotp, confirmed);
                    let wanted = Store::insert(&reference, &id, &entry).unwrap();
                    assert_eq!(store.insert(&id, &entry).await.unwrap(), wanted, "{place}");
                }
                2..=10 => {
                    now = match random.below(8) {
                        0 => now.saturating_sub(random.below(2_000)),
                        1 => now + random.below(5_000),
                        2 => now + 5_000_000_000,
                        3 => now.saturating_sub(6_000_000_000),
                        _ => now + random.below(3),
                    }
                    .max(1);
                    // Usually asks as a server does that knows what it stored.
                    let stored = Store::find(&reference, &id).unwrap();
                    let known =
                        stored.is_some_and(|entry| entry.confirmed) == (random.below(8) > 0);
                    let length = random.one(&[6, 6, 6, 6, 6, 7, 5]);
                    let charge = charge(known, length, now, random.one(&policies));
                    let wanted = Store::charge(&reference, &id, &charge).unwrap();
                    kinds.insert(charge_kind(&wanted));
                    charge_before = Some(charge.attempt());
                    let charged = store.charge(&id, &charge).await.unwrap();
                    assert_eq!(charged, wanted, "{place}: {charge:?}");
                }
                11..=14 => {
                    let fresh = spend(
                        generation - random.below(2),
                        1_000 + random.below(40),
                        random.one(&[0, 0, -3, 90]),
                    );
                    let spend = match last {
                        Some(last) if random.below(3) == 0 => last,
                        _ => fresh,
                    };
                    last = Some(spend);
                    let wanted = Store::spend(&reference, &id, &spend).unwrap();
                    kinds.insert(spend_kind(wanted));
                    let spent = store.spend(&id, &spend).await.unwrap();
                    assert_eq!(spent, wanted, "{place}: {spend:?}");
                }
                15 | 16 => {
                    let wanted = Store::unlock(&reference, id.account()).unwrap();
                    assert_eq!(store.unlock(id.account()).await.unwrap(), wanted, "{place}");
                }
                17 => {
                    let wanted = Store::remove(&reference, &id).unwrap();
                    assert_eq!(store.remove(&id).await.unwrap(), wanted, "{place}");
                }
                18 => {
                    let old = entry(generation).record;
                    let new = RecordText::new(format!("{{\"record\":{}}}", random.below(9)));
                    let wanted = Store::reseal(&reference, &id, &old, &new).unwrap();
                    assert_eq!(store.reseal(&id, &old, &new).await.unwrap(), wanted, "{place}");
                }
                19..=22 => {
                    let length = random.one(&[6, 6, 6, 7]);
                    let charge = charge(true, length, now, random.one(&policies));
                    let wanted = Store::charge_account(&reference, account, &charge).unwrap();
                    of_accounts.insert(charge_kind(&wanted));
                    charge_before = Some(charge.attempt());
                    let charged = store.charge_account(account, &charge).await.unwrap();
                    assert_eq!(charged, wanted, "{place}: {charge:?}");
                }
                23 | 24 => {
                    let mut spends = Vec::new();
                    for (name, stale) in ["", "phone", "\u{e9}"].into_iter().zip(1..) {
                        if random.below(2) == 0 || (spends.is_empty() && stale == 3) {
                            let id = crate::phone::id(&user).with_name(name).unwrap();
                            let stored = Store::find(&reference, &id).unwrap();
                            let (generation, next) =
                                stored.map_or((0, 1), |entry| (entry.generation, entry.next));
                            let counter = next.max(1_000) + random.below(3);
                            let counter = counter.saturating_sub(random.one(&[0, 0, 1]));
                            let generation = generation + random.one(&[0, 0, 0, 1]);
                            spends.push((name, spend(generation, counter, random.one(&[0, 0, 3]))));
                        }
                    }
                    let spends = match &last_all {
                        Some(last) if random.below(3) == 0 => Vec::clone(last),
                        _ => spends,
                    };
                    let wanted = Store::spend_all(&reference, account, &spends).unwrap();
                    of_accounts.insert(spend_kind(wanted));
                    let spent = store.spend_all(account, &spends).await.unwrap();
                    assert_eq!(spent, wanted, "{place}: {spends:?}");
                    last_all = Some(spends);
                }
                _ => {
                    let attempt = charge_before.unwrap_or(AttemptId::from_bytes([0; 16]));
                    let wanted = Store::take_back(&reference, id.account(), attempt).unwrap();
                    kinds.insert(if wanted { "taken back" } else { "kept" });
                    assert_eq!(
                        store.take_back(id.account(), attempt).await.unwrap(),
                        wanted,
                        "{place}"
                    );
                    let wanted = Store::reset_drift(&reference, &id).unwrap();
                    assert_eq!(store.reset_drift(&id).await.unwrap(), wanted, "{place}");
                }
            }
            let wanted = Store::credentials(&reference, account).unwrap();
            assert_eq!(store.credentials(account).await.unwrap(), wanted, "{place}");
            for id in &ids {
                let wanted = Store::find(&reference, id).unwrap();
                assert_eq!(store.find(id).await.unwrap(), wanted, "{place}");
            }
            answers += 1;
        }
    }
    assert_eq!(answers, 60 * 120);
    let all = [
        "done",
        "enrolled",
        "gone",
        "hard",
        "kept",
        "locked",
        "malformed",
        "permitted",
        "replayed",
        "stale",
        "taken back",
        "unknown",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all, "a case never came up");
    let never = ["enrolled", "kept", "taken back"];
    let all: Vec<_> = all.into_iter().filter(|kind| !never.contains(kind)).collect();
    assert_eq!(of_accounts.into_iter().collect::<Vec<_>>(), all, "a case never came up");
}

fn charge_kind<T>(reply: &ChargeReply<T>) -> &'static str {
    match reply {
        ChargeReply::Permitted(_) => "permitted",
        ChargeReply::Locked(throttle) if throttle.lock() == Lock::Hard => "hard",
        ChargeReply::Locked(_) => "locked",
        ChargeReply::Malformed { .. } => "malformed",
        ChargeReply::Unknown => "unknown",
        ChargeReply::Enrolled => "enrolled",
    }
}

const fn spend_kind(reply: SpendReply) -> &'static str {
    match reply {
        SpendReply::Done => "done",
        SpendReply::Replayed => "replayed",
        SpendReply::Stale => "stale",
        SpendReply::Unknown => "gone",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_beyond_the_column_are_refused() {
    let database = Database::new("numbers").await;
    let store = database.store().await;
    let last = u64::try_from(i64::MAX).unwrap();
    let alice = id("alice");
    // The counter after the last one must fit, too.
    let mut new = entry(last);
    new.next = last - 1;
    assert!(store.insert(&alice, &new).await.unwrap());
    assert_eq!(store.find(&alice).await.unwrap(), Some(new.clone()));
    new.next = last;
    for (part, entry) in [("counter", new), ("generation", entry(last + 1))] {
        let refused = store.insert(&id("bob"), &entry).await;
        assert!(matches!(refused, Err(Error::TooLarge(named)) if named == part), "{refused:?}");
    }
    let spend = spend(u64::MAX, 5, 0);
    assert_eq!(store.spend(&alice, &spend).await.unwrap(), SpendReply::Stale);

    // The largest count and the latest time.
    database.run("UPDATE otp_throttle SET failures = 4294967294").await;
    for (now, failures, lock) in
        [(last - 1, u32::MAX, Lock::Hard), (u64::MAX, u32::MAX, Lock::Hard)]
    {
        let charged =
            store.charge(&alice, &charge(false, 6, now, ThrottlePolicy::rfc4226(1))).await;
        let throttle = match charged.unwrap() {
            ChargeReply::Permitted(Entry { account, .. }) if now < last => account.throttle,
            // A hard lock never ends, not even for a clock at the largest time.
            ChargeReply::Locked(throttle) if now > last => throttle,
            other => panic!("{other:?}"),
        };
        assert_eq!((throttle.failures(), throttle.lock()), (failures, lock));
    }
    assert!(store.unlock(alice.account()).await.unwrap());
    let charged =
        store.charge(&alice, &charge(false, 6, u64::MAX, ThrottlePolicy::rfc4226(1))).await;
    let ChargeReply::Permitted(counted) = charged.unwrap() else { panic!() };
    assert_eq!(counted.account.throttle.lock(), Lock::Hard, "a time that does not fit");
}

#[tokio::test(flavor = "multi_thread")]
async fn lock_is_shortened_and_stored_when_the_clock_is_set_back() {
    let database = Database::new("clamp").await;
    let store = database.store().await;
    let alice = id("alice");
    store.insert(&alice, &entry(1)).await.unwrap();
    let policy = ThrottlePolicy::rfc4226(0).with_backoff(&[900]);
    let charged = store.charge(&alice, &charge(false, 6, 1_000_000, policy)).await.unwrap();
    assert!(matches!(charged, ChargeReply::Permitted(_)));
    let charged = store.charge(&alice, &charge(false, 6, 5_000, policy)).await.unwrap();
    let ChargeReply::Locked(throttle) = charged else { panic!("{charged:?}") };
    assert_eq!(throttle.lock(), Lock::Until(UnixTime::from_secs(6_800)));
    let found = store.find(&alice).await.unwrap().unwrap();
    assert_eq!(found.account.throttle, throttle);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_listed_byte_for_byte_in_pages() {
    let database = Database::new("list").await;
    let store = database.store().await;
    let mut ids: Vec<CredentialId> = ["a", "B", "a b", "ä", "Z", "_", "a\u{10000}", "\u{ffff}x"]
        .iter()
        .flat_map(|account| ["", "é", "E", "e"].map(|name| id(account).with_name(name).unwrap()))
        .collect();
    for id in &ids {
        assert!(store.insert(id, &entry(1)).await.unwrap());
    }
    ids.sort();
    assert_eq!(store.list(None, usize::MAX).await.unwrap(), ids);
    let mut paged = Vec::new();
    loop {
        let page = store.list(paged.last(), 5).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, ids);
    assert!(store.list(None, 0).await.unwrap().is_empty());
}
