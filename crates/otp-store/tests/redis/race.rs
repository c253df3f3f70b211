//! Concurrent calls.

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{AsyncVerifier, RecoveryVerdict};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counter_is_spent_by_one_of_many_attempts() {
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
            let spend = spend(7, counter, 0);
            tasks.spawn(async move { store.spend(&alice, &spend).await.unwrap() });
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|answer| **answer == SpendReply::Done).count();
        assert_eq!(done, 1);
        assert!(
            answers.iter().all(|answer| matches!(answer, SpendReply::Done | SpendReply::Replayed))
        );
    }
}

/// The control: the same client reads, compares and writes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_reading_and_writing_back_spends_twice() {
    let (key, connection) = (prefix(), raw().await);
    let done = Arc::new(AtomicU32::new(0));
    for counter in 1..30_u64 {
        let mut tasks = tokio::task::JoinSet::new();
        let all_have_read = Arc::new(tokio::sync::Barrier::new(64));
        for _ in 0..64 {
            let (key, mut connection, done) = (key.clone(), connection.clone(), Arc::clone(&done));
            let all_have_read = Arc::clone(&all_have_read);
            tasks.spawn(async move {
                let next: Option<u64> =
                    ::redis::cmd("GET").arg(&key).query_async(&mut connection).await.unwrap();
                all_have_read.wait().await;
                if next.unwrap_or_default() <= counter {
                    let mut set = ::redis::cmd("SET");
                    set.arg(&key).arg(counter + 1).exec_async(&mut connection).await.unwrap();
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        tasks.join_all().await;
    }
    assert_eq!(done.load(Ordering::SeqCst), 29 * 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_recovery_code_is_spent_by_one_of_many_attempts() {
    let prefix = prefix();
    let alice = AccountId::new("alice").unwrap();
    let options = VerifierOptions::new()
        .with_policy(ThrottlePolicy::unlimited())
        .with_recovery_codes(RecoveryCodeSize::Long);
    let mut verifiers = Vec::new();
    for _ in 0..4 {
        let (store, context) = (open(&prefix).await, OtpContext::new().with_plain_keys());
        let verifier = AsyncVerifier::new(store, context, options).unwrap();
        verifiers.push(Arc::new(verifier));
    }
    let codes = verifiers[0].replace_recovery_codes(&alice).await.unwrap();
    for (spent, code) in codes.iter().enumerate() {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..64 {
            let (verifier, alice) = (Arc::clone(&verifiers[task % 4]), alice.clone());
            let code = code.reveal().as_str().to_owned();
            tasks.spawn(async move { verifier.recover(&alice, &code).await.unwrap() });
        }
        let verdicts = tasks.join_all().await;
        let accepted =
            verdicts.iter().filter(|verdict| matches!(verdict, RecoveryVerdict::Accepted(_)));
        assert_eq!(accepted.count(), 1, "{verdicts:?}");
        let left = verifiers[0].recovery_codes_left(&alice).await.unwrap();
        assert_eq!(left, Some(9 - spent as u32));
    }
}

/// The control: the same client looks the code up, and then deletes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_looking_up_and_deleting_spends_a_recovery_code_twice() {
    let (key, connection) = (prefix(), raw().await);
    command(&[b"SADD", key.as_bytes(), b"code"]).await;
    let mut tasks = tokio::task::JoinSet::new();
    let all_have_looked = Arc::new(tokio::sync::Barrier::new(64));
    for _ in 0..64 {
        let (key, mut connection) = (key.clone(), connection.clone());
        let all_have_looked = Arc::clone(&all_have_looked);
        tasks.spawn(async move {
            let mut look = ::redis::cmd("SISMEMBER");
            let found = look.arg(&key).arg("code").query_async(&mut connection).await.unwrap();
            all_have_looked.wait().await;
            let mut delete = ::redis::cmd("SREM");
            delete.arg(&key).arg("code").exec_async(&mut connection).await.unwrap();
            found
        });
    }
    let accepted: Vec<bool> = tasks.join_all().await;
    assert_eq!(accepted, [true; 64]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_of_1920_simultaneous_charges_are_permitted() {
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
    let locked = ChargeReply::Locked(Throttle::resume(4, until));
    let permitted =
        answers.iter().filter(|answer| matches!(answer, ChargeReply::Permitted(_))).count();
    assert_eq!((answers.len(), permitted), (1920, 4));
    assert_eq!(answers.iter().filter(|answer| **answer == locked).count(), 1916);
}
