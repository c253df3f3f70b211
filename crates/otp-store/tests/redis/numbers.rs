//! Numbers at their bounds.

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime, Window};
use otp_store::{AsyncStore as _, ChargeReply, Error, SpendReply};

use crate::requests::{charge, spend, spent};
use crate::site::{ACCOUNT, CREDENTIAL, Site};

#[tokio::test]
async fn counters_have_64_bits() {
    let site = Site::new().await;
    let last = u64::MAX - 1;
    assert_eq!(spent(&site.redis, last).await, SpendReply::Done);
    assert_eq!(spent(&site.redis, last).await, SpendReply::Replayed);
    assert_eq!(site.find().await.next, u64::MAX);
}

/// Failures and guesses end at their largest numbers and at the budget. Only another program can write a
/// lock without a failure. It is shortened to the first wait.
#[tokio::test]
async fn charge_at_a_bound_equals_that_of_the_entry() {
    let site = Site::new().await;
    let now = 1_700_000_000;
    let by_options = ThrottlePolicy::new(CodeFormat::default(), Window::ONE).unwrap();
    let most = ThrottlePolicy::rfc4226(u32::MAX);
    let short = ThrottlePolicy::unlimited().with_backoff(&[7, 100]);
    let policies = [most, ThrottlePolicy::unlimited(), ThrottlePolicy::rfc4226(1)];
    let mut cases = vec![(0, 0, "1800000000".to_owned(), short)];
    for failures in u32::MAX - 2..=u32::MAX {
        cases.extend(policies.map(|policy| (failures, 0, "open".to_owned(), policy)));
    }
    for (policy, budget) in [(by_options, 96), (most, u32::MAX)] {
        cases.extend((budget - 6..=budget).map(|guesses| (0, guesses, "open".to_owned(), policy)));
    }
    for (failures, guesses, lock, policy) in cases {
        site.set(ACCOUNT, ("failures", failures), ("guesses", guesses)).await;
        site.set(ACCOUNT, "lock", &lock).await;
        let stored = site.find().await;
        let found = (stored.account.throttle.failures(), stored.account.guesses);
        assert_eq!(found, (failures, guesses));
        let charge = charge(true, now, policy);
        let expected = stored.charge(&charge);
        if lock != "open" {
            let until = Lock::Until(UnixTime::from_secs(now + 907));
            assert_eq!(expected, ChargeReply::Locked(Throttle::resume(0, until)));
        }
        let charged = site.redis.charge(&site.alice, &charge).await.unwrap();
        assert_eq!(charged, expected, "{failures} {guesses} {policy:?}");
    }
}

#[tokio::test]
async fn times_above_the_range_of_a_double_are_refused() {
    let site = Site::new().await;
    let (latest, policy) = ((1 << 53) - (1 << 32), ThrottlePolicy::rfc4226(u32::MAX));
    for now in [latest + 1, 1 << 53, u64::MAX] {
        let refused = site.redis.charge(&site.alice, &charge(true, now, policy)).await;
        assert!(matches!(refused, Err(Error::TooLarge("time"))), "{now}");
    }
    assert_eq!(site.find().await.account.throttle, Throttle::default());
    let _ = site.redis.charge(&site.alice, &charge(true, latest, policy)).await.unwrap();
    let until = site.find().await.account.throttle.lock();
    assert_eq!(until, Lock::Until(UnixTime::from_secs((1 << 53) - 1)));
}

/// Second line of defence: only a counter raised by hand can differ for one attempt.
#[tokio::test]
async fn attempt_with_another_counter_is_no_retry() {
    let (site, first) = (Site::new().await, spend(7, 5));
    assert_eq!(site.redis.spend(&site.alice, &first).await.unwrap(), SpendReply::Done);
    site.run::<()>("HINCRBY", CREDENTIAL, ("next", 10)).await;
    assert_eq!(site.redis.spend(&site.alice, &first).await.unwrap(), SpendReply::Replayed);
}

#[tokio::test]
async fn redis_trust_epoch_ends_at_the_largest_number() {
    let (site, last) = (Site::new().await, (1_u64 << 53) - 1);
    for (stored, expected) in [(41, 42), (last - 1, last), (last, last)] {
        site.set(ACCOUNT, "trust", stored).await;
        assert!(site.redis.revoke_trust(site.account()).await.unwrap());
        assert_eq!(site.find().await.account.trust_epoch, expected);
    }
}
