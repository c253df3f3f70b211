use super::subject::{Subject, done, found, inserted};
use crate::{Error, SpendReply, Store};

/// The largest number that every store must hold.
const MOST: u64 = (1 << 63) - 1;
/// The bounds of doubles and of integers with 32 and 64 bits, signed and unsigned.
const EDGES: [u64; 9] = [
    (1 << 31) - 1,
    (1 << 32) - 1,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    (1 << 63) - 2,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 1,
];

/// Counters are exact at least up to 2^63 - 1. A larger one works, or is refused and spends
/// nothing.
pub fn large_counters<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    for counter in EDGES {
        // Each bound twice: as a first counter, and as a counter that is reached.
        let (from, to) =
            (subject.id(&format!("from {counter}")), subject.id(&format!("to {counter}")));
        let fits = counter < MOST;
        match store.insert(&from, &subject.hotp(counter, 1)) {
            // If a credential began at the last counter, its first code could not be spent.
            Err(Error::TooLarge(_)) if counter >= MOST => {
                assert_eq!(done("find", store.find(&from)), None, "a refused credential is stored");
            }
            answer => {
                assert!(done("insert", answer), "a new credential is refused as confirmed");
                assert_eq!(
                    found(&store, &from),
                    subject.hotp(counter, 1),
                    "counter {counter} changes"
                );
                spent(&subject, &store, &from, counter, fits);
            }
        }
        inserted(&store, &to, &subject.hotp(0, 1));
        let below = subject.spend(1, counter - 1);
        if counter <= MOST {
            assert_eq!(done("spend", store.spend(&to, &below)), SpendReply::Done, "not spent");
            assert_eq!(found(&store, &to).next, counter, "counter {counter} is not kept exactly");
        }
        spent(&subject, &store, &to, counter, fits);
    }
}

fn spent(
    subject: &Subject,
    store: &impl Store,
    id: &crate::CredentialId,
    counter: u64,
    fits: bool,
) {
    let before = found(store, id);
    match store.spend(id, &subject.spend(1, counter)) {
        Err(Error::TooLarge(_)) if !fits => {
            assert_eq!(found(store, id), before, "a refused counter changes the credential");
        }
        answer => {
            let spent = done("spend", answer);
            assert_eq!(spent, SpendReply::Done, "counter {counter} cannot be spent");
            assert_eq!(found(store, id).next, counter + 1, "counter {counter} is not kept exactly");
            for again in [counter, counter - 1] {
                let spent = done("spend", store.spend(id, &subject.spend(1, again)));
                assert_eq!(spent, SpendReply::Replayed, "counter {again} is spent twice");
            }
        }
    }
}

/// Generations are exact below 2^63.
pub fn large_generations<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    for generation in [0, 1 << 53, (1 << 53) + 1, (1 << 63) - 2, (1 << 63) - 1] {
        let entry = subject.hotp(0, generation);
        inserted(&store, &id, &entry);
        assert_eq!(found(&store, &id), entry, "generation {generation} changes");
        for other in [generation ^ 1, generation ^ (1 << 62)] {
            let spent = done("spend", store.spend(&id, &subject.spend(other, 0)));
            assert_eq!(spent, SpendReply::Stale, "generation {other} is taken for {generation}");
        }
        let spent = done("spend", store.spend(&id, &subject.spend(generation, 0)));
        assert_eq!(spent, SpendReply::Done, "generation {generation} cannot be spent");
        assert!(done("remove", store.remove(&id)), "a credential cannot be removed");
    }
}
