//! Numbers at their bounds.

use otp_context::replay::{Lock, ThrottlePolicy};
use otp_store::{AsyncStore, ChargeReply, Entry, Error, SpendReply};

use crate::requests::{charge, entry, id, spend};
use crate::server::Database;

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
    let spend = spend(u64::MAX, 5);
    assert_eq!(store.spend(&alice, &spend).await.unwrap(), SpendReply::Stale);

    // The largest count and the latest time.
    database.run("UPDATE otp_throttle SET failures = 4294967294").await;
    let policy = ThrottlePolicy::rfc4226(1);
    for now in [last - 1, u64::MAX] {
        let charged = store.charge(&alice, &charge(false, now, policy)).await;
        let throttle = match charged.unwrap() {
            ChargeReply::Permitted(Entry { account, .. }) if now < last => account.throttle,
            // A hard lock never ends, not even for a clock at the largest time.
            ChargeReply::Locked(throttle) if now > last => throttle,
            other => panic!("{other:?}"),
        };
        assert_eq!((throttle.failures(), throttle.lock()), (u32::MAX, Lock::Hard));
    }
    assert!(store.unlock(alice.account()).await.unwrap());
    let charged = store.charge(&alice, &charge(false, u64::MAX, policy)).await;
    let ChargeReply::Permitted(counted) = charged.unwrap() else { panic!() };
    assert_eq!(counted.account.throttle.lock(), Lock::Hard, "a time that does not fit");
}
