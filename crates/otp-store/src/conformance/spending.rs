use super::subject::{Subject, done, enrolled, found, inserted, permitted};
use crate::{Entry, SpendReply, Store};

/// One attempt spends a counter once, with every lower one.
pub fn single_use<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(0, 7));
    for counter in [0, 1, 5] {
        permitted(&store, &id, &subject.free(counter > 0));
        let spend = subject.spend(7, counter);
        let spent = done("spend", store.spend(&id, &spend));
        assert_eq!(spent, SpendReply::Done, "an unspent counter cannot be spent");
        let entry = found(&store, &id);
        assert_eq!(entry.next, counter + 1, "the lowest unspent counter is wrong");
        assert_eq!(entry.account.throttle.failures(), 0, "a success does not clear the failures");
        for other in 0..=counter {
            let spent = done("spend", store.spend(&id, &subject.spend(7, other)));
            assert_eq!(spent, SpendReply::Replayed, "counter {other} is spent twice");
        }
        assert_eq!(found(&store, &id), entry, "a replay changes the credential");
    }
    // Another handle sees the spend.
    let spent = done("spend", open().spend(&id, &subject.spend(7, 5)));
    assert_eq!(spent, SpendReply::Replayed, "a counter is spent again through another handle");
    let unknown = done("spend", store.spend(&subject.id("unknown"), &subject.spend(7, 5)));
    assert_eq!(unknown, SpendReply::Unknown, "an unknown credential is spent");
}

/// A verification that ends late, with a lower counter, changes nothing.
pub fn lower_counter_never_returns<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    // Both were evaluated while the lowest unspent counter was 1.
    let (low, high) = (subject.spend(1, 3), subject.spend(1, 9));
    assert_eq!(done("spend", store.spend(&id, &high)), SpendReply::Done, "not spent");
    let spent = done("spend", store.spend(&id, &low));
    assert_eq!(spent, SpendReply::Replayed, "a counter below a spent one can be spent");
    assert_eq!(found(&store, &id).next, 10, "a lower counter is written over a higher one");
}

/// A spend stores its counter, its drift of either sign, and its attempt.
pub fn drift_and_counter_kept<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    let entry = subject.totp(1);
    inserted(&store, &id, &entry);
    for (step, drift) in (1000..).zip([0, 1, -1, 255, -255, 0]) {
        let spend = subject.spend_with_drift(1, step, drift);
        assert_eq!(done("spend", store.spend(&id, &spend)), SpendReply::Done, "not spent");
        let attempt = Some(spend.attempt());
        let expected = Entry { confirmed: true, next: step + 1, drift, attempt, ..entry.clone() };
        assert_eq!(found(&store, &id), expected, "a spend is not stored as requested");
        assert_eq!(found(&open(), &id), expected, "another handle does not see the spend");
    }
}

/// A client that lost the reply to a spend repeats it and gets the first reply. The spend is done
/// once.
pub fn repeated_spend<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let (spend, same) = (subject.spend(1, 4), subject.spend(1, 4));
    for _ in 0..3 {
        let spent = done("spend", store.spend(&id, &spend));
        assert_eq!(spent, SpendReply::Done, "a repeated spend gets another reply");
        assert_eq!(found(&store, &id).next, 5, "a repeated spend is done twice");
    }
    let spent = done("spend", store.spend(&id, &same));
    assert_eq!(spent, SpendReply::Replayed, "another attempt is taken for a repeated one");

    permitted(&store, &id, &subject.free(true));
    let counted = found(&store, &id);
    let spent = done("spend", store.spend(&id, &spend));
    assert_eq!(spent, SpendReply::Done, "a repeated spend gets another reply");
    assert_eq!(
        found(&store, &id),
        counted,
        "a repeated spend clears a failure that was counted in between"
    );

    let later = subject.spend(1, 6);
    assert_eq!(done("spend", store.spend(&id, &later)), SpendReply::Done, "not spent");
    let spent = done("spend", store.spend(&id, &spend));
    assert_eq!(spent, SpendReply::Replayed, "a spend is repeated after a later one");
    assert_eq!(found(&store, &id).next, 7, "a repeated spend undoes a later one");
}

/// A verification of a credential that was replaced meanwhile accepts nothing and changes nothing.
pub fn stale_generation<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(0, 1));
    let under_way = subject.spend(1, 3);

    inserted(&store, &id, &subject.hotp(0, 2));
    let spent = done("spend", store.spend(&id, &under_way));
    assert_eq!(spent, SpendReply::Stale, "a replaced credential is spent by the old one's code");
    assert_eq!(found(&store, &id), subject.hotp(0, 2), "a stale spend changes the credential");

    let spend = subject.spend(2, 0);
    assert_eq!(done("spend", store.spend(&id, &spend)), SpendReply::Done, "not spent");
    let before = found(&store, &id);
    let spent = done("spend", store.spend(&id, &under_way));
    assert_eq!(spent, SpendReply::Stale, "a confirmed credential is spent by the old one's code");
    assert_eq!(found(&store, &id), before, "a stale spend changes the credential");

    assert!(done("remove", store.remove(&id)), "a credential cannot be removed");
    let spent = done("spend", store.spend(&id, &subject.spend(2, 1)));
    assert_eq!(spent, SpendReply::Unknown, "a removed credential is spent");
    inserted(&store, &id, &subject.hotp(0, 3));
    // The second spend was done once, for a credential that is gone.
    for spend in [&under_way, &spend, &subject.spend(2, 1)] {
        let spent = done("spend", store.spend(&id, spend));
        assert_eq!(spent, SpendReply::Stale, "a new credential is spent by a removed one's code");
    }
    assert_eq!(found(&store, &id), subject.hotp(0, 3), "a stale spend changes the credential");
}
