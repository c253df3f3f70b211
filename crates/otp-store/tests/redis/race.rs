//! Concurrent calls.

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
