//! Numbers at their bounds.

use super::*;

#[tokio::test]
async fn counters_have_64_bits() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let double = 1 << 53;
    for counter in [9, 10, double - 1, double, double + 1, double + 2, u64::MAX - 1] {
        let (first, second) = (spend(7, counter, 0), spend(7, counter, 0));
        assert_eq!(redis.spend(&alice, &first).await.unwrap(), SpendReply::Done, "{counter}");
        assert_eq!(redis.spend(&alice, &second).await.unwrap(), SpendReply::Replayed, "{counter}");
        assert_eq!(redis.spend(&alice, &first).await.unwrap(), SpendReply::Done, "{counter}");
        let stored = redis.find(&alice).await.unwrap().unwrap();
        assert_eq!((stored.next, stored.attempt), (counter + 1, Some(first.attempt())));
    }
}

/// The control: as doubles, the same server cannot distinguish counters above 2^53.
#[tokio::test]
async fn control_doubles_confuse_large_counters() {
    let script = b"return tostring(tonumber(ARGV[1]) < tonumber(ARGV[2]))";
    let (a, b) = ((1_u64 << 53).to_string(), ((1_u64 << 53) + 1).to_string());
    let answer = command(&[b"EVAL", script, b"0", a.as_bytes(), b.as_bytes()]).await;
    assert_eq!(answer, ::redis::Value::BulkString(b"false".to_vec()));
}

#[tokio::test]
async fn failures_stop_at_the_largest_number() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let account = format!("{prefix}{{5:alice}}:account");
    for failures in [u32::MAX - 2, u32::MAX - 1, u32::MAX] {
        for policy in [
            ThrottlePolicy::rfc4226(u32::MAX),
            ThrottlePolicy::unlimited(),
            ThrottlePolicy::rfc4226(1),
        ] {
            let text = failures.to_string();
            let fields: [&[u8]; 4] = [b"failures", text.as_bytes(), b"lock", b"open"];
            command(&[&[b"HSET", account.as_bytes()], &fields[..]].concat()).await;
            let stored = redis.find(&alice).await.unwrap().unwrap();
            assert_eq!(stored.account.throttle.failures(), failures);
            let charge =
                charge(&VerifierOptions::new().with_policy(policy), 1_700_000_000, 6, true);
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), stored.charge(&charge));
        }
    }
}

#[tokio::test]
async fn redis_guesses_end_at_the_budget() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let account = format!("{prefix}{{5:alice}}:account");
    let most = ThrottlePolicy::rfc4226(u32::MAX);
    for (policy, budgets) in [(None, [90, 96]), (Some(most), [u32::MAX - 6, u32::MAX])] {
        let options = VerifierOptions::new();
        let options = policy.map_or(options, |policy| options.with_policy(policy));
        for guesses in budgets[0]..=budgets[1] {
            let text = guesses.to_string();
            let fields: [&[u8]; 4] = [b"guesses", text.as_bytes(), b"lock", b"open"];
            command(&[&[b"HSET", account.as_bytes()], &fields[..]].concat()).await;
            let stored = redis.find(&alice).await.unwrap().unwrap();
            assert_eq!(stored.account.guesses, guesses);
            let charge = charge(&options, 1_700_000_000, 6, true);
            let expected = stored.charge(&charge);
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), expected, "{guesses}");
        }
    }
}

#[tokio::test]
async fn times_above_the_range_of_a_double_are_refused() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    let latest = (1 << 53) - (1 << 32);
    let options = VerifierOptions::new().with_policy(ThrottlePolicy::rfc4226(u32::MAX));
    for now in [latest + 1, 1 << 53, u64::MAX] {
        let refused = redis.charge(&alice, &charge(&options, now, 6, true)).await;
        assert!(matches!(refused, Err(Error::TooLarge("time"))), "{now}");
    }
    let stored = redis.find(&alice).await.unwrap().unwrap();
    assert_eq!(stored.account.throttle, Throttle::default());
    let at_last = charge(&options, latest, 6, true);
    assert_eq!(redis.charge(&alice, &at_last).await.unwrap(), stored.charge(&at_last));
    let until = redis.find(&alice).await.unwrap().unwrap().account.throttle.lock();
    assert_eq!(until, Lock::Until(UnixTime::from_secs((1 << 53) - 1)));
}

/// Only another program can write a lock without a failure. It is shortened as `Entry::charge`
/// does.
#[tokio::test]
async fn lock_without_a_failure_is_shortened_to_the_first_wait() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let account = format!("{prefix}{{5:alice}}:account");
    command(&[b"HSET", account.as_bytes(), b"failures", b"0", b"lock", b"1800000000"]).await;
    let stored = redis.find(&alice).await.unwrap().unwrap();
    let policy = ThrottlePolicy::unlimited().with_backoff(&[7, 100]);
    let charge = charge(&VerifierOptions::new().with_policy(policy), 1_700_000_000, 6, true);
    let expected = stored.charge(&charge);
    assert_eq!(expected, ChargeReply::Locked(Throttle::resume(0, until(1_700_000_907))));
    assert_eq!(redis.charge(&alice, &charge).await.unwrap(), expected);
}

fn until(seconds: u64) -> Lock {
    Lock::Until(UnixTime::from_secs(seconds))
}

/// Second line of defence: only a counter raised by hand can differ for one attempt.
#[tokio::test]
async fn attempt_with_another_counter_is_no_retry() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let first = spend(7, 5, 0);
    assert_eq!(redis.spend(&alice, &first).await.unwrap(), SpendReply::Done);
    let key = format!("{prefix}{{5:alice}}:credential:");
    command(&[b"HINCRBY", key.as_bytes(), b"next", b"10"]).await;
    assert_eq!(redis.spend(&alice, &first).await.unwrap(), SpendReply::Replayed);
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
        let prefix = prefix();
        let (redis, alice) = (open(&prefix).await, id("alice", ""));
        assert!(redis.insert(&alice, &entry("record", 7, 0, hotp)).await.unwrap());
        let account = format!("{prefix}{{5:alice}}:account");
        for (now, lock) in ["1000", "2000"].into_iter().zip(locks) {
            let mut eval = ::redis::cmd("EVAL");
            eval.arg(script).arg(3).arg(format!("{prefix}schema")).arg(&account);
            eval.arg(format!("{prefix}{{5:alice}}:credential:"));
            eval.arg("otp-store 3 3")
                .arg("name:")
                .arg("0123456789abcdef")
                .arg(now)
                .arg("6")
                .arg("0");
            eval.arg(&policies).exec_async(&mut raw().await).await.unwrap();
            let stored = command(&[b"HGET", account.as_bytes(), b"lock"]).await;
            assert_eq!(stored, ::redis::Value::BulkString(lock.into()), "{hotp} {now}");
        }
    }
}
