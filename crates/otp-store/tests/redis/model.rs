//! For any sequence of requests, the replies equal those of the store in memory.

use core::sync::atomic::AtomicU64;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{AsyncVerifier, Verifier};

use super::*;

#[derive(Clone, Debug)]
enum Op {
    Insert { who: usize, generation: u64, next: u64, hotp: bool, record: usize },
    Charge { who: usize, options: usize, now: u64, length: usize, confirmed: bool },
    ChargeAccount { who: usize, options: usize, now: u64, length: usize },
    Spend { who: usize, generation: u64, counter: u64, drift: i16, again: bool },
    SpendAll { generation: u64, counters: Vec<u64>, again: bool },
    Whole { who: usize, now: u64, counter: u64, confirms: bool, spends: bool },
    TakeBack { who: usize, which: usize },
    ResetDrift { who: usize },
    Reseal { who: usize, old: usize, new: usize },
    Unlock { who: usize },
    RevokeTrust { who: usize },
    NewCodes { who: usize },
    Recover { who: usize, now: u64, code: usize, again: bool },
    ResealCodes { who: usize, old: usize },
    RemoveCodes { who: usize },
    ListCodes { after: Option<usize>, most: usize },
    Remove { who: usize },
    Credentials { who: usize },
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
    let who = || 0..4_usize;
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
        8 => (who(), 0..6_usize, times(), prop_oneof![9 => Just(6_usize), 1 => 5..10_usize]).prop_map(
            |(who, options, now, length)| Op::ChargeAccount { who, options, now, length }
        ),
        3 => (generation(), proptest::collection::vec(counters(), 1..4), any::<bool>()).prop_map(
            |(generation, counters, again)| Op::SpendAll { generation, counters, again }
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
        1 => who().prop_map(|who| Op::RevokeTrust { who }),
        2 => who().prop_map(|who| Op::NewCodes { who }),
        6 => (who(), times(), 0..12_usize, any::<bool>()).prop_map(
            |(who, now, code, again)| Op::Recover { who, now, code, again }
        ),
        1 => (who(), 0..2_usize).prop_map(|(who, old)| Op::ResealCodes { who, old }),
        1 => who().prop_map(|who| Op::RemoveCodes { who }),
        1 => (proptest::option::of(who()), 0..3_usize)
            .prop_map(|(after, most)| Op::ListCodes { after, most }),
        2 => who().prop_map(|who| Op::Credentials { who }),
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

/// The names of alice's credentials. In many languages they sort in another order.
const NAMES: [&str; 3] = ["", "Z", "é"];

/// The last spends, and the attempts that were charged last.
#[derive(Default)]
struct Last {
    spend: Option<SpendRequest>,
    all: Vec<(&'static str, SpendRequest)>,
    attempts: [Option<AttemptId>; 2],
    /// The recovery codes that were made last, and the seed of the last recovery.
    codes: Vec<String>,
    recovery: u64,
}

/// Verifiers over both stores, which draw the same ids and codes.
struct Both<'a> {
    redis: AsyncVerifier<&'a Redis>,
    memory: Verifier<&'a dyn Store>,
    now: Arc<AtomicU64>,
    seed: Arc<AtomicU64>,
}

impl<'a> Both<'a> {
    fn new(redis: &'a Redis, memory: &'a dyn Store) -> Self {
        let (now, seed) = (Arc::new(AtomicU64::new(1_700_000_000)), Arc::new(AtomicU64::new(0)));
        let (time, seeds) = (Arc::clone(&now), Arc::clone(&seed));
        let context = OtpContext::new()
            .with_plain_keys()
            .with_clock(move || Ok(UnixTime::from_secs(time.load(Ordering::Relaxed))))
            .with_entropy(move |bytes| {
                let mut state = seeds.fetch_add(1 << 32, Ordering::Relaxed);
                for byte in bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    *byte = state.to_be_bytes()[0];
                }
                Ok(())
            });
        let options = waits().with_recovery_codes(RecoveryCodeSize::Long);
        let redis = AsyncVerifier::new(redis, context.clone(), options).unwrap();
        let memory = Verifier::new(memory, context, options).unwrap();
        Self { redis, memory, now, seed }
    }

    async fn new_codes(&self, account: &AccountId) -> Vec<String> {
        let seed = self.seed.load(Ordering::Relaxed);
        let expected = self.memory.replace_recovery_codes(account).unwrap();
        self.seed.store(seed, Ordering::Relaxed);
        let made = self.redis.replace_recovery_codes(account).await.unwrap();
        let [expected, made] = [expected, made].map(|codes| {
            codes.iter().map(|code| code.reveal().as_str().to_owned()).collect::<Vec<_>>()
        });
        assert_eq!(made, expected);
        made
    }

    async fn recover(&self, account: &AccountId, now: u64, code: &str, seed: u64) {
        self.now.store(now, Ordering::Relaxed);
        let later = self.seed.load(Ordering::Relaxed).max(seed + (1 << 40));
        self.seed.store(seed, Ordering::Relaxed);
        let expected = self.memory.recover(account, code);
        self.seed.store(seed, Ordering::Relaxed);
        let recovered = self.redis.recover(account, code).await;
        assert_eq!(format!("{recovered:?}"), format!("{expected:?}"));
        self.seed.store(later, Ordering::Relaxed);
    }
}

/// Sends a request to both stores, and compares the replies.
async fn compare(both: &Both<'_>, op: &Op, last: &mut Last) {
    let (redis, memory) = (both.redis.store(), both.memory.store());
    let ids = [id("alice", ""), id("alice", NAMES[1]), id("alice", NAMES[2]), id("bob", "")];
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
        Op::ChargeAccount { who, options: which, now, length } => {
            let charge = charge(&options(which), now, length, true);
            last.attempts = [Some(charge.attempt()), last.attempts[0]];
            let expected = memory.charge_account(ids[who].account(), &charge).unwrap();
            let charged = redis.charge_account(ids[who].account(), &charge).await.unwrap();
            assert_eq!(charged, expected);
        }
        Op::SpendAll { generation, ref counters, again } => {
            if !again || last.all.is_empty() {
                let spends = counters.iter().map(|counter| spend(generation, *counter, 0));
                last.all = NAMES.into_iter().zip(spends).collect();
            }
            let expected = memory.spend_all(ids[0].account(), &last.all).unwrap();
            let spent = redis.spend_all(ids[0].account(), &last.all).await.unwrap();
            assert_eq!(spent, expected);
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
            let expected = memory.take_back(ids[who].account(), attempt).unwrap();
            assert_eq!(redis.take_back(ids[who].account(), attempt).await.unwrap(), expected);
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
            let expected = memory.unlock(ids[who].account()).unwrap();
            assert_eq!(redis.unlock(ids[who].account()).await.unwrap(), expected);
        }
        Op::RevokeTrust { who } => {
            let expected = memory.revoke_trust(ids[who].account()).unwrap();
            assert_eq!(redis.revoke_trust(ids[who].account()).await.unwrap(), expected);
        }
        Op::NewCodes { who } => last.codes = both.new_codes(ids[who].account()).await,
        Op::Recover { who, now, code, again } => {
            let never = "0000-0000-0000-0000-0000-0000".to_owned();
            let code = last.codes.get(code).unwrap_or(&never).clone();
            if !again {
                last.recovery = both.seed.load(Ordering::Relaxed);
            }
            both.recover(ids[who].account(), now, &code, last.recovery).await;
        }
        Op::ResealCodes { who, old } => {
            let account = ids[who].account();
            let Some(stored) = memory.recovery(account).unwrap() else { return };
            let keys = ["", "sealed"];
            let (old, new) = (keys[old], keys[1 - old]);
            let expected = memory.reseal_recovery(account, stored.set, old, new).unwrap();
            let resealed = redis.reseal_recovery(account, stored.set, old, new).await.unwrap();
            assert_eq!(resealed, expected);
        }
        Op::RemoveCodes { who } => {
            let expected = memory.remove_recovery(ids[who].account()).unwrap();
            assert_eq!(redis.remove_recovery(ids[who].account()).await.unwrap(), expected);
        }
        Op::ListCodes { after, most } => {
            let after = after.map(|who| ids[who].account());
            let expected = memory.list_recovery(after, most).unwrap();
            assert_eq!(redis.list_recovery(after, most).await.unwrap(), expected);
        }
        Op::Remove { who } => {
            let expected = memory.remove(&ids[who]).unwrap();
            assert_eq!(redis.remove(&ids[who]).await.unwrap(), expected);
        }
        Op::Credentials { who } => {
            let expected = memory.credentials(ids[who].account()).unwrap();
            assert_eq!(redis.credentials(ids[who].account()).await.unwrap(), expected);
        }
        Op::List { after, most } => {
            let after = after.map(|who| &ids[who]);
            let expected = memory.list(after, most).unwrap();
            assert_eq!(redis.list(after, most).await.unwrap(), expected);
        }
    }
    for id in &ids {
        assert_eq!(redis.find(id).await.unwrap(), memory.find(id).unwrap());
        let expected = memory.recovery(id.account()).unwrap();
        assert_eq!(redis.recovery(id.account()).await.unwrap(), expected);
    }
}

#[test]
fn any_sequence_gets_the_replies_of_the_memory_store() {
    let runtime = runtime();
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() };
    proptest!(config, |(ops in proptest::collection::vec(ops(), 1..60))| {
        runtime.block_on(async {
            let (redis, memory) = (open(&prefix()).await, Memory::new(9));
            let both = Both::new(&redis, &memory);
            let mut last = Last::default();
            for op in &ops {
                compare(&both, op, &mut last).await;
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
                ChargeReply::Locked(throttle) => expected.account.throttle = *throttle,
                _ => {}
            }
            assert_eq!(redis.charge(&alice, &charge).await.unwrap(), charged, "{which} {hotp}");
        }
    }
}
