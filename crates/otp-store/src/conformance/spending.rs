use super::subject::{Subject, done, enrolled, found, inserted, permitted};
use crate::{Advanced, Entry, Store};

/// A counter is spent once, by one attempt, with every lower one.
pub fn single_use<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(0, 7));
    for counter in [0, 1, 5] {
        permitted(&store, &id, &subject.free(counter > 0));
        let advance = subject.advance(7, counter);
        let advanced = done("advance", store.advance(&id, &advance));
        assert_eq!(advanced, Advanced::Done, "a counter that is not spent cannot be");
        let entry = found(&store, &id);
        assert_eq!(entry.next, counter + 1, "the lowest unspent counter is wrong");
        assert_eq!(entry.throttle.failures(), 0, "a success does not clear the failures");
        for other in 0..=counter {
            let advanced = done("advance", store.advance(&id, &subject.advance(7, other)));
            assert_eq!(advanced, Advanced::Replayed, "counter {other} is spent twice");
        }
        assert_eq!(found(&store, &id), entry, "a replay changes something");
    }
    // Another handle knows of it.
    let advanced = done("advance", open().advance(&id, &subject.advance(7, 5)));
    assert_eq!(advanced, Advanced::Replayed, "a counter is spent again through another handle");
    let nobody = done("advance", store.advance(&subject.id("nobody"), &subject.advance(7, 5)));
    assert_eq!(nobody, Advanced::Unknown, "a credential is advanced that is not there");
}

/// A verification that comes late, with a lower counter, changes nothing.
pub fn lower_counter_never_returns<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    // Both have been evaluated while the lowest unspent counter was 1.
    let (low, high) = (subject.advance(1, 3), subject.advance(1, 9));
    assert_eq!(done("advance", store.advance(&id, &high)), Advanced::Done, "not spent");
    let advanced = done("advance", store.advance(&id, &low));
    assert_eq!(advanced, Advanced::Replayed, "a counter below a spent one can be spent");
    assert_eq!(found(&store, &id).next, 10, "a lower counter is written over a higher one");
}

/// What an advance carries is kept: counter, drift of either sign, attempt.
pub fn drift_and_counter_kept<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    let entry = subject.totp(1);
    inserted(&store, &id, &entry);
    for (step, drift) in (1000..).zip([0, 1, -1, 255, -255, 0]) {
        let advance = subject.advance_with_drift(1, step, drift);
        assert_eq!(done("advance", store.advance(&id, &advance)), Advanced::Done, "not spent");
        let attempt = Some(advance.attempt());
        let expected = Entry { confirmed: true, next: step + 1, drift, attempt, ..entry.clone() };
        assert_eq!(found(&store, &id), expected, "an advance is not kept as it was");
        assert_eq!(
            found(&open(), &id),
            expected,
            "an advance is not kept for another handle as it was"
        );
    }
}

/// Whoever lost the answer to an advance asks again and is told the same; nothing happens twice.
pub fn repeated_advance<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let (advance, same) = (subject.advance(1, 4), subject.advance(1, 4));
    for _ in 0..3 {
        let advanced = done("advance", store.advance(&id, &advance));
        assert_eq!(
            advanced,
            Advanced::Done,
            "a repeated advance is not answered as the first time"
        );
        assert_eq!(found(&store, &id).next, 5, "a repeated advance is done twice");
    }
    let advanced = done("advance", store.advance(&id, &same));
    assert_eq!(advanced, Advanced::Replayed, "another attempt is taken for a repetition");

    permitted(&store, &id, &subject.free(true));
    let counted = found(&store, &id);
    let advanced = done("advance", store.advance(&id, &advance));
    assert_eq!(advanced, Advanced::Done, "a repeated advance is not answered as the first time");
    assert_eq!(
        found(&store, &id),
        counted,
        "a repeated advance clears a failure that was counted in between"
    );

    let later = subject.advance(1, 6);
    assert_eq!(done("advance", store.advance(&id, &later)), Advanced::Done, "not spent");
    let advanced = done("advance", store.advance(&id, &advance));
    assert_eq!(advanced, Advanced::Replayed, "an advance is repeated after a later one");
    assert_eq!(found(&store, &id).next, 7, "a repeated advance undoes a later one");
}

/// A verification of a credential that was replaced meanwhile accepts nothing and changes nothing.
pub fn stale_generation<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(0, 1));
    let under_way = subject.advance(1, 3);

    inserted(&store, &id, &subject.hotp(0, 2));
    let advanced = done("advance", store.advance(&id, &under_way));
    assert_eq!(
        advanced,
        Advanced::Stale,
        "a replaced credential is advanced by the old one's code"
    );
    assert_eq!(found(&store, &id), subject.hotp(0, 2), "a stale advance changes something");

    let advance = subject.advance(2, 0);
    assert_eq!(done("advance", store.advance(&id, &advance)), Advanced::Done, "not spent");
    let before = found(&store, &id);
    let advanced = done("advance", store.advance(&id, &under_way));
    assert_eq!(
        advanced,
        Advanced::Stale,
        "a confirmed credential is advanced by the old one's code"
    );
    assert_eq!(found(&store, &id), before, "a stale advance changes something");

    assert!(done("remove", store.remove(&id)), "a credential cannot be removed");
    let advanced = done("advance", store.advance(&id, &subject.advance(2, 1)));
    assert_eq!(advanced, Advanced::Unknown, "a removed credential is advanced");
    inserted(&store, &id, &subject.hotp(0, 3));
    // The last one was done, once: by a credential that is gone.
    for advance in [&under_way, &advance, &subject.advance(2, 1)] {
        let advanced = done("advance", store.advance(&id, advance));
        assert_eq!(
            advanced,
            Advanced::Stale,
            "a new credential is advanced by a removed one's code"
        );
    }
    assert_eq!(found(&store, &id), subject.hotp(0, 3), "a stale advance changes something");
}
