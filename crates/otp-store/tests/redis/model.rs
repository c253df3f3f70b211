//! For any sequence of requests, the replies equal those of the store in memory.

use super::*;

#[derive(Clone, Debug)]
enum Op {
    Insert { who: usize, generation: u64, next: u64, hotp: bool, record: usize },
    Charge { who: usize, options: usize, now: u64, length: usize, confirmed: bool },
    Spend { who: usize, generation: u64, counter: u64, drift: i16, again: bool },
    Whole { who: usize, now: u64, counter: u64, confirms: bool, spends: bool },
    TakeBack { who: usize, which: usize },
    ResetDrift { who: usize },
    Reseal { who: usize, old: usize, new: usize },
    Unlock { who: usize },
    Remove { who: usize },
    List { after: Option<usize>, most: usize },
}

fn counters() -> impl Strategy<Value = u64> {
    let double = 1 << 53;
    let edges = [9, 10, 99, 100, 9_999_999_999, 10_000_000_000, u64::MAX - 2, u64::MAX - 1];
    prop_oneof![
        4 => select(vec![double - 1, double, double + 1, double + 2, double + 3]),
        2 => 1..20_u64,
        2 => select(edges.to_vec()),
        1 => 1..u64::MAX,
    ]
}

fn times() -> impl Strategy<Value = u64> {
    let latest = (1_u64 << 53) - (1 << 32);
    prop_oneof![
        8 => 1_700_000_000..1_700_000_020_u64,
        1 => select(vec![0, 1, 5, latest - 1, latest]),
        1 => 0..latest,
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let who = || 0..3_usize;
    let generation = || select(vec![7, (1 << 53) + 1, u64::MAX]);
    prop_oneof![
        2 => (who(), generation(), counters(), any::<bool>(), 0..2_usize).prop_map(
            |(who, generation, next, hotp, record)| Op::Insert {
                who, generation, next, hotp, record,
            }
        ),
        8 => (who(), 0..6_usize, times(), prop_oneof![9 => Just(6_usize), 1 => 5..10_usize], any::<bool>())
            .prop_map(|(who, options, now, length, confirmed)| Op::Charge {
                who, options, now, length, confirmed,
            }),
        8 => (who(), generation(), counters(), -3..3_i16, any::<bool>()).prop_map(
            |(who, generation, counter, drift, again)| Op::Spend {
                who, generation, counter, drift, again,
            }
        ),
        2 => (who(), times(), 0..30_u64, any::<bool>(), any::<bool>()).prop_map(
            |(who, now, counter, confirms, spends)| Op::Whole {
                who, now, counter, confirms, spends,
            }
        ),
        2 => (who(), 0..2_usize).prop_map(|(who, which)| Op::TakeBack { who, which }),
        1 => who().prop_map(|who| Op::ResetDrift { who }),
        1 => (who(), 0..2_usize, 0..2_usize).prop_map(|(who, old, new)| Op::Reseal {
            who, old, new,
        }),
        1 => who().prop_map(|who| Op::Unlock { who }),
        1 => who().prop_map(|who| Op::Remove { who }),
        1 => (proptest::option::of(who()), 0..4_usize)
            .prop_map(|(after, most)| Op::List { after, most }),
    ]
}

fn options(which: usize) -> VerifierOptions {
    let with = |policy| VerifierOptions::new().with_policy(policy);
    match which {
        0 => VerifierOptions::new(),
        1 => waits(),
        2 => with(ThrottlePolicy::rfc4226(u32::MAX)),
        3 => with(ThrottlePolicy::rfc4226(3)),
        4 => with(ThrottlePolicy::nist().with_backoff(&[])),
        // Attempts run out: HOTP's after five, TOTP's after 33.
        _ => VerifierOptions::new().with_look_ahead(18),
    }
}

/// The last spend, and the attempts that were charged last.
#[derive(Default)]
struct Last {
    spend: Option<SpendRequest>,
    attempts: [Option<AttemptId>; 2],
}

/// Sends a request to both stores, and compares the replies.
async fn compare(redis: &Redis, memory: &dyn Store, op: &Op, last: &mut Last) {
    let ids = [id("alice", ""), id("alice", "phone"), id("bob", "")];
    let records = ["{\"a\":1}", "{\"a\":\"\u{e9}\"}"].map(|text| RecordText::new(text.to_owned()));
    match *op {
        Op::Insert { who, generation, next, hotp, record } => {
            let (record, confirmed) = (records[record].clone(), next % 4 == 1);
            let mut entry = entry("", generation, next, hotp);
            (entry.record, entry.confirmed) = (record, confirmed);
            let expected = memory.insert(&ids[who], &entry).unwrap();
            assert_eq!(redis.insert(&ids[who], &entry).await.unwrap(), expected);
        }
        Op::Charge { who, options: which, now, length, confirmed } => {
            let charge = charge(&options(which), now, length, confirmed);
            last.attempts = [Some(charge.attempt()), last.attempts[0]];
            let expected = memory.charge(&ids[who], &charge).unwrap();
            assert_eq!(redis.charge(&ids[who], &charge).await.unwrap(), expected);
        }
        Op::Spend { who, generation, counter, drift, again } => {
            let drift = if counter > 3 && counter < u64::MAX - 3 { drift } else { 0 };
            let spend = match last.spend {
                Some(last) if again => last,
                _ => spend(generation, counter, drift),
            };
            last.spend = Some(spend);
            let expected = memory.spend(&ids[who], &spend).unwrap();
            assert_eq!(redis.spend(&ids[who], &spend).await.unwrap(), expected);
        }
        Op::Whole { who, now, counter, confirms, spends } => {
            let (charge, spend) = attempt(&waits(), now, counter, confirms);
            last.attempts = [Some(charge.attempt()), last.attempts[0]];
            last.spend = Some(spend);
            let expected = memory.charge(&ids[who], &charge).unwrap();
            assert_eq!(redis.charge(&ids[who], &charge).await.unwrap(), expected);
            if spends {
                let expected = memory.spend(&ids[who], &spend).unwrap();
                assert_eq!(redis.spend(&ids[who], &spend).await.unwrap(), expected);
            }
        }
        Op::TakeBack { who, which } => {
            let Some(attempt) = last.attempts[which] else { return };
            let expected = memory.take_back(&ids[who], attempt).unwrap();
            assert_eq!(redis.take_back(&ids[who], attempt).await.unwrap(), expected);
        }
        Op::ResetDrift { who } => {
            let expected = memory.reset_drift(&ids[who]).unwrap();
            assert_eq!(redis.reset_drift(&ids[who]).await.unwrap(), expected);
        }
        Op::Reseal { who, old, new } => {
            let (old, new) = (&records[old], &records[new]);
            let expected = memory.reseal(&ids[who], old, new).unwrap();
            assert_eq!(redis.reseal(&ids[who], old, new).await.unwrap(), expected);
        }
        Op::Unlock { who } => {
            let expected = memory.unlock(&ids[who]).unwrap();
            assert_eq!(redis.unlock(&ids[who]).await.unwrap(), expected);
        }
        Op::Remove { who } => {
            let expected = memory.remove(&ids[who]).unwrap();
            assert_eq!(redis.remove(&ids[who]).await.unwrap(), expected);
        }
        Op::List { after, most } => {
            let after = after.map(|who| &ids[who]);
            let expected = memory.list(after, most).unwrap();
            assert_eq!(redis.list(after, most).await.unwrap(), expected);
        }
    }
    for id in &ids {
        assert_eq!(redis.find(id).await.unwrap(), memory.find(id).unwrap());
    }
}

#[test]
fn any_sequence_gets_the_replies_of_the_memory_store() {
    let runtime = runtime();
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() };
    proptest!(config, |(ops in proptest::collection::vec(ops(), 1..60))| {
        runtime.block_on(async {
            let (redis, memory) = (open(&prefix()).await, Memory::new(9));
            let mut last = Last::default();
            for op in &ops {
                compare(&redis, &memory, op, &mut last).await;
            }
        });
    });
}

/// Each type of credential has its own policy, which locks at its own limit.
#[tokio::test]
async fn every_policy_locks_at_its_limit() {
    for (which, hotp) in (0..6).flat_map(|which| [(which, false), (which, true)]) {
        let (redis, alice) = (open(&prefix()).await, id("alice", ""));
        let mut expected = entry("record", 7, 0, hotp);
        assert!(redis.insert(&alice, &expected).await.unwrap());
        for attempt in 0..40 {
            let charge = charge(&options(which), 1_700_000_000 + attempt * 450, 6, false);
            let charged = expected.clone().charge(&charge);
            match &charged {
                ChargeReply::Permitted(entry) => expected = entry.clone(),
                ChargeReply::Locked(throttle) => expected.throttle = *throttle,
                _ => {}
            }
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), charged, "{which} {hotp}");
        }
    }
}
