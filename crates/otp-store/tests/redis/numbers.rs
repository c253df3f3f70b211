//! Numbers at their ends.

use super::*;

#[tokio::test]
async fn counters_take_all_of_64_bits() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let double = 1 << 53;
    for counter in [9, 10, double - 1, double, double + 1, double + 2, u64::MAX - 1] {
        let (first, second) = (advance(7, counter, 0), advance(7, counter, 0));
        assert_eq!(redis.advance(&alice, &first).await.unwrap(), Advanced::Done, "{counter}");
        assert_eq!(redis.advance(&alice, &second).await.unwrap(), Advanced::Replayed, "{counter}");
        assert_eq!(redis.advance(&alice, &first).await.unwrap(), Advanced::Done, "{counter}");
        let stored = redis.find(&alice).await.unwrap().unwrap();
        assert_eq!((stored.next, stored.attempt), (counter + 1, Some(first.attempt())));
    }
}

/// The control: as numbers, in the same server, the counters beyond 2^53 are the same.
#[tokio::test]
async fn doubles_would_not() {
    let script = b"return tostring(tonumber(ARGV[1]) < tonumber(ARGV[2]))";
    let (a, b) = ((1_u64 << 53).to_string(), ((1_u64 << 53) + 1).to_string());
    let answer = command(&[b"EVAL", script, b"0", a.as_bytes(), b.as_bytes()]).await;
    assert_eq!(answer, ::redis::Value::BulkString(b"false".to_vec()));
}

#[tokio::test]
async fn failures_stop_at_the_largest_number() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let account = format!("{prefix}account:alice");
    for failures in [u32::MAX - 2, u32::MAX - 1, u32::MAX] {
        for policy in [Policy::rfc4226(u32::MAX), Policy::unlimited(), Policy::rfc4226(1)] {
            let text = failures.to_string();
            let fields: [&[u8]; 4] = [b"failures", text.as_bytes(), b"lock", b"open"];
            command(&[&[b"HSET", account.as_bytes()], &fields[..]].concat()).await;
            let stored = redis.find(&alice).await.unwrap().unwrap();
            assert_eq!(stored.throttle.failures(), failures);
            let charge = charge(&Rules::new().with_policy(policy), 1_700_000_000, 6, true);
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), stored.charge(&charge));
        }
    }
}

#[tokio::test]
async fn times_that_a_double_does_not_hold_are_refused() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let latest = (1 << 53) - (1 << 32);
    let rules = Rules::new().with_policy(Policy::rfc4226(u32::MAX));
    for now in [latest + 1, 1 << 53, u64::MAX] {
        let refused = redis.charge(&alice, &charge(&rules, now, 6, true)).await;
        assert!(matches!(refused, Err(Error::TooLarge("time"))), "{now}");
    }
    let stored = redis.find(&alice).await.unwrap().unwrap();
    assert_eq!(stored.throttle, Throttle::default());
    let at_last = charge(&rules, latest, 6, true);
    assert_eq!(redis.charge(&alice, &at_last).await.unwrap(), stored.charge(&at_last));
    let until = redis.find(&alice).await.unwrap().unwrap().throttle.lock();
    assert_eq!(until, Lock::Until(UnixTime::from_secs((1 << 53) - 1)));
}
