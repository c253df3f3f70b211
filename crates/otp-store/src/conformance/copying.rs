use otp_context::recovery::RecoverySet;

use super::race::{handles, raced};
use super::recovery::spent;
use super::subject::{NOW, Subject, asked, done, enrolled, found, inserted, permitted, policy};
use crate::{AccountCopy, AccountId, ChargeReply, RecoveryReply, RecoverySpend, SpendReply, Store};

/// Removes all that an account has.
fn removed(store: &impl Store, copy: &AccountCopy) {
    for (id, _) in copy.credentials() {
        assert!(done("remove", store.remove(id)), "a credential cannot be removed");
    }
    if copy.recovery().is_some() {
        assert!(done("remove_recovery", store.remove_recovery(copy.id())), "codes stay");
    }
    assert_eq!(done("copy", store.copy(copy.id())), None, "a removed account is copied");
}

fn copied(store: &impl Store, account: &AccountId) -> AccountCopy {
    match done("copy", store.copy(account)) {
        Some(copy) => copy,
        None => panic!("an account is not copied"),
    }
}

/// An account that is copied and restored behaves like the original: counters, drift, confirmation,
/// failures, guesses, lock, recovery codes and trust are the same. An account that exists is not replaced.
pub fn restored_account<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let [phone, token, new] = ["phone", "token", "new"].map(|name| subject.named("alice", name));
    let account = phone.account();
    assert_eq!(done("copy", store.copy(account)), None, "an unknown account is copied");
    inserted(&store, &phone, &subject.totp(1));
    let drifted = subject.spend_with_drift(1, 100, -2);
    assert_eq!(done("spend", store.spend(&phone, &drifted)), SpendReply::Done, "not spent");
    enrolled(&subject, &store, &token, &subject.hotp(0, u64::from(u32::MAX) + 2), 7);
    inserted(&store, &new, &subject.hotp(3, 3));
    let (codes, set) = subject.recovery(account);
    let [first, second, ..] = &codes;
    done("store_recovery", store.store_recovery(account, &set));
    assert_eq!(spent(&store, account, first), RecoveryReply::Done { left: 9 }, "not spent");
    for _ in 0..2 {
        assert!(done("revoke_trust", store.revoke_trust(account)), "trust cannot be revoked");
    }
    let guess = |seconds: u64| subject.charge(policy(100), NOW.saturating_add(seconds), true, 6);
    for _ in 0..4 {
        permitted(&store, &phone, &guess(0));
    }
    let last = guess(5);
    permitted(&store, &token, &last);
    // Another account with codes alone, whose name begins with this one's.
    let other = subject.id("alice2").account().clone();
    done("store_recovery", store.store_recovery(&other, &subject.recovery(&other).1));

    let copy = copied(&store, account);
    assert_eq!(copy.id(), account, "a copy has another id");
    let credentials = done("credentials", store.credentials(account));
    assert_eq!(copy.credentials(), credentials, "a copy has other credentials");
    assert_eq!(*copy.account(), found(&store, &phone).account, "a copy has another state");
    assert!(!done("restore", store.restore(&copy)), "an account that exists is replaced");
    assert_eq!(copied(&store, account), copy, "a refused copy changes something");

    for copy in [copied(&store, &other), copy] {
        removed(&store, &copy);
        assert!(done("restore", store.restore(&copy)), "a copy cannot be restored");
        assert_eq!(copied(&store, copy.id()), copy, "a restored account is not the original");
        assert!(!done("restore", store.restore(&copy)), "a copy is restored twice");
    }
    assert_eq!(
        done("credentials", store.credentials(account)),
        credentials,
        "restored credentials are not the original"
    );
    for listed in [&phone, &token, &new] {
        let ids = done("list", store.list(None, usize::MAX));
        assert!(ids.contains(listed), "a restored credential is not listed");
    }
    let accounts = done("list_recovery", store.list_recovery(None, usize::MAX));
    assert!([account, &other].iter().all(|id| accounts.contains(id)), "codes are not listed");

    let locked = done("charge", store.charge(&phone, &guess(9)));
    assert!(matches!(locked, ChargeReply::Locked(_)), "a restored account is not locked");
    assert!(done("take_back", store.take_back(account, last.attempt())), "a charge is lost");
    permitted(&store, &phone, &guess(5));
    assert_eq!(done("spend", store.spend(&phone, &drifted)), SpendReply::Done, "not repeated");
    let replayed = subject.spend_with_drift(1, 100, -2);
    assert_eq!(
        done("spend", store.spend(&phone, &replayed)),
        SpendReply::Replayed,
        "a spent counter is spent again in a restored account"
    );
    assert_eq!(
        spent(&store, account, first),
        RecoveryReply::Done { left: 9 },
        "a repeated recovery is refused"
    );
    let again = RecoverySpend::new(first.set(), *first.digest(), subject.free(true).attempt());
    assert_eq!(
        spent(&store, account, &again),
        RecoveryReply::Replayed,
        "a spent recovery code is spent again in a restored account"
    );
    assert_eq!(spent(&store, account, second), RecoveryReply::Done { left: 8 }, "not spent");
    let confirmation = subject.spend(3, 3);
    assert_eq!(done("spend", store.spend(&new, &confirmation)), SpendReply::Done, "not confirmed");
}

/// A copy shows one moment: while the recovery codes are replaced, it never has the codes of one set and the
/// id of another.
pub fn copy_of_one_moment<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    enrolled(&subject, store, &id, &subject.hotp(0, 1), 0);
    let sets = [subject.recovery(id.account()).1, subject.recovery(id.account()).1];
    let [first, ..] = &sets;
    done("store_recovery", store.store_recovery(id.account(), first));
    let torn = raced(&handles, 2, |number, store| {
        for set in sets.iter().cycle().take(20) {
            if number == 0 {
                asked(|| store.store_recovery(id.account(), set)).0?;
                continue;
            }
            let copy = asked(|| store.copy(id.account())).0?;
            let named = copy.as_ref().and_then(|copy| copy.account().recovery);
            let codes = copy.as_ref().and_then(AccountCopy::recovery);
            let of = |set: &&RecoverySet| {
                codes.is_some_and(|it| it.codes.iter().all(|code| set.digests().contains(&code.0)))
            };
            if sets.iter().find(of).map(RecoverySet::id) != named {
                return Ok::<_, crate::Error>(true);
            }
        }
        Ok(false)
    });
    for torn in torn {
        assert!(!done("a race", torn), "a copy has the codes of another set");
    }
}
