use otp_context::recovery::RecoverySet;
use otp_context::replay::{Lock, Throttle};

use super::race::{handles, raced};
use super::subject::{NOW, Subject, asked, done, enrolled, found, inserted, permitted, policy};
use crate::{
    Account, AccountId, ChargeReply, ChargeRequest, Entry, RecoveryEntry, RecoveryReply,
    RecoverySpend, Store,
};

#[track_caller]
fn set(store: &impl Store, account: &AccountId) -> RecoveryEntry {
    match done("recovery", store.recovery(account)) {
        Some(entry) => entry,
        None => panic!("a stored set of recovery codes is not found"),
    }
}

#[track_caller]
pub(super) fn spent(
    store: &impl Store,
    account: &AccountId,
    spend: &RecoverySpend,
) -> RecoveryReply {
    done("spend_recovery", store.spend_recovery(account, spend))
}

#[track_caller]
fn charged(
    store: &impl Store,
    account: &AccountId,
    charge: &ChargeRequest,
) -> ChargeReply<RecoveryEntry> {
    done("charge_recovery", store.charge_recovery(account, charge))
}

/// Returns the state of an account without failures that has this set.
fn clear(set: &RecoverySet) -> Account {
    Account { recovery: Some(set.id()), ..Account::default() }
}

/// A new set takes the place of the old one. A set and a credential each keep the state of their
/// account.
pub fn recovery_set_kept<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (alice, bob) = (subject.id("alice"), subject.id("bob"));
    let account = alice.account();
    assert_eq!(done("recovery", store.recovery(account)), None, "an unknown account has codes");
    assert!(!done("remove_recovery", store.remove_recovery(account)), "no codes are removed");
    let (old, first) = subject.recovery(account);
    done("store_recovery", store.store_recovery(account, &first));
    assert_eq!(
        set(&open(), account),
        RecoveryEntry::new(first.id(), String::new(), 10),
        "not kept"
    );
    let _ = spent(&store, account, &old[0]);
    assert_eq!(set(&store, account).left, 9, "a spent code is counted");
    let (new, second) = subject.recovery(account);
    done("store_recovery", store.store_recovery(account, &second));
    assert_eq!(set(&store, account).left, 10, "a new set does not have ten codes");
    assert_eq!(spent(&store, account, &old[1]), RecoveryReply::Stale, "an old set is spent");
    // Under the new set's id, too.
    let moved = RecoverySpend::new(second.id(), *old[1].digest(), old[1].attempt());
    assert_eq!(spent(&store, account, &moved), RecoveryReply::Mismatch, "an old code is spent");
    let strange = RecoverySpend::new(second.id(), *new[1].digest(), new[1].attempt());
    let reply = spent(&store, bob.account(), &strange);
    assert_eq!(reply, RecoveryReply::Unknown, "another account's code is spent");
    let (_, other) = subject.recovery(bob.account());
    done("store_recovery", store.store_recovery(bob.account(), &other));
    let moved = RecoverySpend::new(other.id(), *new[1].digest(), new[1].attempt());
    let reply = spent(&store, bob.account(), &moved);
    assert_eq!(reply, RecoveryReply::Mismatch, "another account's code is spent");

    // A key is replaced by compare and set.
    let reseal =
        |set, old, new| done("reseal_recovery", store.reseal_recovery(account, set, old, new));
    assert!(!reseal(first.id(), "", "key"), "the key of an old set is replaced");
    assert!(!reseal(second.id(), "other", "key"), "another key is replaced");
    assert!(reseal(second.id(), "", "key"), "a key cannot be replaced");
    assert_eq!(set(&store, account).key, "key", "a new key is not stored");
    assert_eq!(set(&store, bob.account()).key, "", "another account's key is replaced");

    // The state of the account stays with either.
    inserted(&store, &alice, &Entry { confirmed: true, ..subject.hotp(0, 1) });
    let guess = || subject.charge(policy(100), NOW, true, 6);
    permitted(&store, &alice, &guess());
    let state = found(&store, &alice).account;
    assert_eq!(set(&store, account).account, state, "a set has another state than its account");
    done("store_recovery", store.store_recovery(account, &first));
    let state = Account { recovery: Some(first.id()), ..state };
    assert_eq!(set(&store, account).account, state, "new codes clear the failures");
    assert!(done("remove", store.remove(&alice)), "a credential cannot be removed");
    assert_eq!(set(&store, account).account, state, "the state goes with the last credential");
    assert!(done("unlock", store.unlock(account)), "an account with codes is unknown");
    assert_eq!(set(&store, account).account, clear(&first), "unlocking leaves a failure");
    inserted(&store, &alice, &Entry { confirmed: true, ..subject.hotp(0, 2) });
    permitted(&store, &alice, &guess());
    assert!(done("remove_recovery", store.remove_recovery(account)), "codes cannot be removed");
    assert_eq!(
        found(&store, &alice).account.throttle.failures(),
        1,
        "the state goes with the codes"
    );
    assert_eq!(done("recovery", store.recovery(account)), None, "removed codes are found");
    assert_eq!(found(&store, &alice).account.recovery, None, "removed codes are named");
    let unknown = spent(&store, account, &old[2]);
    assert_eq!(unknown, RecoveryReply::Unknown, "a removed code is spent");
    done("store_recovery", store.store_recovery(account, &second));
    assert!(done("remove", store.remove(&alice)), "a credential cannot be removed");
    assert!(done("remove_recovery", store.remove_recovery(account)), "codes cannot be removed");
    assert!(!done("unlock", store.unlock(account)), "an empty account is kept");

    // Accounts with codes, in order.
    let names = ["carol", "Carol", "car", "c\u{e9}"];
    let mut accounts = names.map(|name| subject.id(name).account().clone()).to_vec();
    for account in &accounts {
        done("store_recovery", store.store_recovery(account, &subject.recovery(account).1));
    }
    accounts.push(bob.account().clone());
    accounts.sort();
    let all = done("list_recovery", store.list_recovery(None, usize::MAX));
    let own = |all: Vec<AccountId>| -> Vec<_> {
        all.into_iter().filter(|account| subject.owns(&account.clone().into())).collect()
    };
    assert_eq!(own(all), accounts, "accounts with codes are not listed in order");
    let page = done("list_recovery", store.list_recovery(accounts.first(), 2));
    assert_eq!(page.len(), 2, "a page has another size");
    assert_eq!(page.first(), accounts.get(1), "a page starts elsewhere");
}

/// A recovery code is spent once, which clears the account's failures and moves no counter. A repeated
/// request gets the same reply.
pub fn recovery_code_spent_once<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let (codes, stored) = subject.recovery(id.account());
    done("store_recovery", store.store_recovery(id.account(), &stored));
    for (left, spend) in (0..10).rev().zip(&codes) {
        permitted(&store, &id, &subject.free(true));
        let before = found(&store, &id);
        let done = RecoveryReply::Done { left };
        assert_eq!(spent(&store, id.account(), spend), done, "an unspent code is refused");
        let expected = Entry { account: clear(&stored), ..before };
        assert_eq!(found(&store, &id), expected, "failures stay, or a counter moves");
        permitted(&store, &id, &subject.free(true));
        assert_eq!(spent(&store, id.account(), spend), done, "a repeated request is refused");
        let failures = found(&store, &id).account.throttle.failures();
        assert_eq!(failures, 1, "a repeated request clears a failure that came in between");
        let attempt = subject.free(true).attempt();
        let again = RecoverySpend::new(spend.set(), *spend.digest(), attempt);
        let reply = spent(&store, id.account(), &again);
        assert_eq!(reply, RecoveryReply::Replayed, "a code is accepted twice");
        let failures = found(&store, &id).account.throttle.failures();
        assert_eq!(failures, 1, "a replayed code clears failures");
    }
    assert_eq!(set(&store, id.account()).left, 0, "spent codes are left");
}

/// A recovery code that arrives through many handles and threads at once is accepted once.
pub fn recovery_code_spent_once_in_a_race<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    let (codes, stored) = subject.recovery(id.account());
    done("store_recovery", store.store_recovery(id.account(), &stored));
    for code in &codes {
        let answers = raced(&handles, 3, |_, store| {
            let charge = subject.free(true);
            let charged = asked(|| store.charge_recovery(id.account(), &charge)).0?;
            assert!(matches!(charged, ChargeReply::Permitted(_)), "an attempt is not permitted");
            let spend = RecoverySpend::new(code.set(), *code.digest(), charge.attempt());
            asked(|| store.spend_recovery(id.account(), &spend)).0
        });
        let mut accepted = 0_u32;
        for answer in answers {
            match done("a race", answer) {
                RecoveryReply::Done { .. } => accepted += 1,
                other => assert_eq!(other, RecoveryReply::Replayed, "a race gets another reply"),
            }
        }
        assert_eq!(accepted, 1, "a recovery code that arrived many times was not accepted once");
    }
    assert_eq!(set(store, id.account()).left, 0, "spent codes are left");
}

/// Attempts on recovery codes and on credentials are one count of the account.
pub fn recovery_shares_the_throttle<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    let account = id.account();
    let guess = |limit| subject.recovery_charge(policy(limit), NOW);
    assert_eq!(charged(&store, account, &guess(5)), ChargeReply::Unknown, "an unknown account");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    assert_eq!(
        charged(&store, account, &guess(5)),
        ChargeReply::Unknown,
        "an account without codes"
    );
    assert_eq!(
        found(&store, &id).account,
        Account::default(),
        "an account without codes is charged"
    );
    let (_, stored) = subject.recovery(account);
    done("store_recovery", store.store_recovery(account, &stored));
    let code = subject.charge(policy(100), NOW, true, 6);
    permitted(&store, &id, &code);
    for failures in 2..=4 {
        let charge = guess(100);
        let ChargeReply::Permitted(entry) = charged(&store, account, &charge) else {
            panic!("an attempt without a wait is not permitted");
        };
        assert_eq!(entry, set(&store, account), "an attempt returns other values than are stored");
        assert_eq!(entry.account.throttle.failures(), failures, "attempts are not one count");
        assert_eq!(entry.account.guesses, code.guesses(true), "an attempt on codes guesses");
        assert_eq!(found(&store, &id).account, entry.account, "attempts are not one count");
    }
    let locked = Throttle::resume(4, Lock::Until(NOW.saturating_add(5)));
    assert_eq!(charged(&store, account, &guess(100)), ChargeReply::Locked(locked), "not locked");
    let locked_code = done("charge", store.charge(&id, &code));
    assert_eq!(locked_code, ChargeReply::Locked(locked), "a lock is not that of the account");
    done("unlock", store.unlock(account));
    let charge = guess(100);
    let _ = charged(&store, account, &charge);
    let attempt = charge.attempt();
    assert!(done("take_back", store.take_back(account, attempt)), "a charge cannot be taken back");
    assert_eq!(set(&store, account).account, clear(&stored), "a charge leaves a trace");
    let later = |seconds| subject.recovery_charge(policy(5), NOW.saturating_add(seconds));
    for attempt in 0..5 {
        let permitted =
            matches!(charged(&store, account, &later(60 * attempt)), ChargeReply::Permitted(_));
        assert!(permitted, "an attempt within the limit is not permitted");
    }
    let hard = Throttle::resume(5, Lock::Hard);
    assert_eq!(charged(&store, account, &later(1_000_000)), ChargeReply::Locked(hard), "not hard");
}
