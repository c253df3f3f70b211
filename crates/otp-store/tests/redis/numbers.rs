//! Numbers at their bounds.

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime, Window};
use otp_store::{AsyncStore as _, ChargeReply, Error, SpendReply};

use crate::requests::{charge, id, spend};
use crate::site::{ACCOUNT, CREDENTIAL, Site, entry};

#[tokio::test]
async fn counters_have_64_bits() {
    let site = Site::new().await;
    let last = u64::MAX - 1;
    assert_eq!(site.redis.spend(&site.alice, &spend(7, last)).await.unwrap(), SpendReply::Done);
    assert_eq!(site.redis.spend(&site.alice, &spend(7, last)).await.unwrap(), SpendReply::Replayed);
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

/// Runs the script with one policy for each type, which the options cannot express.
#[tokio::test]
async fn each_type_has_its_own_waits_step_and_limit() {
    let script = concat!(
        include_str!("../../src/redis/lua/begin.lua"),
        include_str!("../../src/redis/lua/number.lua"),
        include_str!("../../src/redis/lua/charge.lua"),
        include_str!("../../src/redis/lua/count.lua"),
        include_str!("../../src/redis/lua/permitted.lua"),
    );
    // Step, limit, guesses, seconds of a lock-out and waits of TOTP and of HOTP.
    let policies = [&[1_u32, 2, 3, 0, 10, 10][..], &[3, 9, 6, 0, 100]];
    let policies = policies.map(|numbers| numbers.iter().flat_map(|n| n.to_be_bytes()).collect());
    let policies: [Vec<u8>; 2] = policies;
    for (hotp, locks) in [(false, ["1011", "hard"]), (true, ["1103", "2106"])] {
        let site = Site::empty().await;
        let mut entry = entry();
        entry.hotp = hotp;
        assert!(site.redis.insert(&id("alice"), &entry).await.unwrap());
        let keys = ["schema", ACCOUNT, CREDENTIAL].map(|key| site.name(key));
        for (now, lock) in ["1000", "2000"].into_iter().zip(locks) {
            let mut eval = redis::cmd("EVAL");
            eval.arg(script).arg(3).arg(&keys);
            eval.arg(&["otp-store 3 3", "name:", "0123456789abcdef", now, "6", "0"]).arg(&policies);
            let mut client = crate::server::connection(&crate::site::url()).await.unwrap();
            eval.exec_async(&mut client).await.unwrap();
            let stored: String = site.run("HGET", ACCOUNT, "lock").await;
            assert_eq!(stored, lock, "{hotp} {now}");
        }
    }
}
