//! Whatever is asked, in whatever order, it answers as the memory store does.

use super::*;

#[derive(Clone, Debug)]
enum Op {
    Insert { who: usize, generation: u64, next: u64, hotp: bool, record: usize },
    Charge { who: usize, rules: usize, now: u64, length: usize, confirmed: bool },
    Advance { who: usize, generation: u64, counter: u64, drift: i16, again: bool },
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
            .prop_map(|(who, rules, now, length, confirmed)| Op::Charge {
                who, rules, now, length, confirmed,
            }),
        8 => (who(), generation(), counters(), -3..3_i16, any::<bool>()).prop_map(
            |(who, generation, counter, drift, again)| Op::Advance {
                who, generation, counter, drift, again,
            }
        ),
        1 => (who(), 0..2_usize, 0..2_usize).prop_map(|(who, old, new)| Op::Reseal {
            who, old, new,
        }),
        1 => who().prop_map(|who| Op::Unlock { who }),
        1 => who().prop_map(|who| Op::Remove { who }),
        1 => (proptest::option::of(who()), 0..4_usize)
            .prop_map(|(after, most)| Op::List { after, most }),
    ]
}

fn rules(which: usize) -> Rules {
    let with = |policy| Rules::new().with_policy(policy);
    match which {
        0 => Rules::new(),
        1 => waits(),
        2 => with(Policy::rfc4226(u32::MAX)),
        3 => with(Policy::rfc4226(3)),
        4 => with(Policy::nist().with_waits(&[])),
        // Attempts run out: HOTP's after five, TOTP's after 33.
        _ => Rules::new().with_look_ahead(18),
    }
}

/// Does the same in both stores, and compares all that they say.
async fn compare(redis: &Redis, memory: &dyn Store, op: &Op, last: &mut Option<Advance>) {
    let ids = [id("alice", ""), id("alice", "phone"), id("bob", "")];
    let records = ["{\"a\":1}", "{\"a\":\"\u{e9}\"}"].map(|text| RecordText::new(text.to_owned()));
    match *op {
        Op::Insert { who, generation, next, hotp, record } => {
            let (record, confirmed) = (records[record].clone(), next % 4 == 1);
            let entry = Entry { record, confirmed, ..entry("", generation, next, hotp) };
            let expected = memory.insert(&ids[who], &entry).unwrap();
            assert_eq!(redis.insert(&ids[who], &entry).await.unwrap(), expected);
        }
        Op::Charge { who, rules: which, now, length, confirmed } => {
            let charge = charge(&rules(which), now, length, confirmed);
            let expected = memory.charge(&ids[who], &charge).unwrap();
            assert_eq!(redis.charge(&ids[who], &charge).await.unwrap(), expected);
        }
        Op::Advance { who, generation, counter, drift, again } => {
            let drift = if counter > 3 && counter < u64::MAX - 3 { drift } else { 0 };
            let advance = match *last {
                Some(last) if again => last,
                _ => advance(generation, counter, drift),
            };
            *last = Some(advance);
            let expected = memory.advance(&ids[who], &advance).unwrap();
            assert_eq!(redis.advance(&ids[who], &advance).await.unwrap(), expected);
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
fn any_sequence_ends_as_in_memory() {
    let runtime = runtime();
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() };
    proptest!(config, |(ops in proptest::collection::vec(ops(), 1..60))| {
        runtime.block_on(async {
            let (redis, memory, mut last) = (open(&prefix()).await, Memory::new(9), None);
            for op in &ops {
                compare(&redis, &memory, op, &mut last).await;
            }
        });
    });
}

/// Each type of credential has its own policy, and each ends where it should.
#[tokio::test]
async fn every_policy_counts_to_its_end() {
    for (which, hotp) in (0..6).flat_map(|which| [(which, false), (which, true)]) {
        let (redis, alice) = (open(&prefix()).await, id("alice", ""));
        let mut expected = entry("record", 7, 0, hotp);
        assert!(redis.insert(&alice, &expected).await.unwrap());
        for attempt in 0..40 {
            let charge = charge(&rules(which), 1_700_000_000 + attempt * 450, 6, false);
            let charged = expected.clone().charge(&charge);
            if let Charged::Permitted(Entry { throttle, .. }) | Charged::Locked(throttle) = &charged
            {
                expected.throttle = *throttle;
            }
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), charged, "{which} {hotp}");
        }
    }
}
