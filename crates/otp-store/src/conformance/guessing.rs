use core::num::NonZeroU32;

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};

use super::race::{handles, raced};
use super::subject::{
    NOW, Subject, asked, done, enrolled, found, inserted, permitted, policy, throttle,
};
use crate::{ChargeReply, Entry, SpendReply, Store, VerifierOptions};

/// Sends 1,920 guesses at the same instant, of which `limit` must be permitted.
fn guessed_at_once<S: Store + Sync, T: core::fmt::Debug>(
    handles: &[S],
    limit: u32,
    guess: impl Fn(&S) -> Result<ChargeReply<T>, crate::Error> + Sync,
) {
    let answers = raced(handles, 4, |_, store| {
        let (mut permitted, mut lost) = (0, 0);
        for _ in 0..120 {
            let (answer, errors) = asked(|| guess(store));
            lost += errors;
            match answer? {
                ChargeReply::Permitted(_) => permitted += 1,
                ChargeReply::Locked(_) => {}
                other => panic!("a guess gets another reply: {other:?}"),
            }
        }
        Ok((permitted, lost))
    });
    let answers = answers.into_iter().collect::<Result<Vec<(u32, u32)>, crate::Error>>();
    let answers = done("a guess", answers);
    let permitted: u32 = answers.iter().map(|(permitted, _)| permitted).sum();
    let lost: u32 = answers.iter().map(|(_, lost)| lost).sum();
    assert!(permitted <= limit, "{permitted} concurrent guesses exceed a limit of {limit}");
    assert!(permitted + lost >= limit, "only {permitted} of {limit} guesses are permitted");
}

/// Of 1,920 guesses at the same instant, with waits of 0, 0, 0 and 5 seconds, four are compared. On an
/// account of four credentials with a budget of 100 guesses at one, 25 are compared.
pub fn strict_throttle<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    enrolled(&subject, store, &id, &subject.hotp(0, 1), 0);
    let charge = subject.charge(policy(100), NOW, true, 6);
    guessed_at_once(&handles, 4, |store| store.charge(&id, &charge));
    let expected = Throttle::resume(4, Lock::Until(NOW.saturating_add(5)));
    assert_eq!(throttle(store, &id), expected, "concurrent guesses are not counted one by one");

    let ids = ["", "phone", "tablet", "watch"].map(|name| subject.named("bob", name));
    for (generation, id) in (1..).zip(&ids) {
        inserted(store, id, &Entry { confirmed: true, ..subject.totp(generation) });
    }
    let [bob, ..] = &ids;
    let charge = subject.charge(ThrottlePolicy::nist(), NOW, true, 6);
    guessed_at_once(&handles, 25, |store| store.charge_account(bob.account(), &charge));
    let account = found(store, bob).account;
    let spent = (account.throttle, account.guesses);
    let budget = (Throttle::resume(25, Lock::Hard), charge.budget(false));
    assert_eq!(spent, budget, "concurrent guesses on an account are not counted one by one");
}

/// Three credentials of an account do not give three times the guesses.
pub fn account_wide_throttle<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let names = ["", "phone", "token"];
    let ids = names.map(|name| subject.named("alice", name));
    for (generation, id) in (1..).zip(&ids) {
        enrolled(&subject, &store, id, &subject.hotp(0, generation), 0);
    }
    let [first, second, third] = &ids;
    let guess = subject.charge(policy(100), NOW, true, 6);
    for (failures, id) in (1..).zip([first, second, third, second]) {
        let charged = permitted(&store, id, &guess);
        assert_eq!(
            charged.account.throttle.failures(),
            failures,
            "guesses are not counted by account"
        );
    }
    let locked = Throttle::resume(4, Lock::Until(NOW.saturating_add(5)));
    for id in &ids {
        let charged = done("charge", store.charge(id, &guess));
        assert_eq!(
            charged,
            ChargeReply::Locked(locked),
            "a credential is open while its account is locked"
        );
        assert_eq!(
            throttle(&store, id),
            locked,
            "credentials of an account have different failures"
        );
    }
    let spend = subject.spend(3, 1);
    assert_eq!(done("spend", store.spend(third, &spend)), SpendReply::Done, "not spent");
    for id in &ids {
        assert_eq!(
            throttle(&store, id),
            Throttle::default(),
            "a success does not clear the account"
        );
    }
    // Another account is not affected.
    let bob = subject.named("bob", "phone");
    enrolled(&subject, &store, &bob, &subject.hotp(0, 4), 0);
    permitted(&store, first, &guess);
    assert_eq!(throttle(&store, &bob), Throttle::default(), "accounts share their failures");
}

/// A code of another length than the credential's costs no attempt, whether the account is locked
/// or not.
pub fn malformed_costs_nothing<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(0, 1));
    let policy = policy(100);
    let malformed = ChargeReply::Malformed { length: 6, throttle: Throttle::default() };
    for confirmed in [false, true] {
        for length in [5, 7, 10] {
            let charge = subject.charge(policy, NOW, confirmed, length);
            let charged = done("charge", store.charge(&id, &charge));
            assert_eq!(charged, malformed, "a code of {length} characters is taken for one of 6");
            assert_eq!(
                throttle(&store, &id),
                Throttle::default(),
                "a malformed code costs an attempt"
            );
        }
        let spend = subject.spend(1, confirmed.into());
        assert_eq!(done("spend", store.spend(&id, &spend)), SpendReply::Done, "not spent");
    }
    // Confirmation is checked before the length, and the lock after it.
    let charge = subject.charge(policy, NOW, false, 7);
    assert_eq!(
        done("charge", store.charge(&id, &charge)),
        ChargeReply::Enrolled,
        "length comes first"
    );
    for _ in 0..4 {
        permitted(&store, &id, &subject.charge(policy, NOW, true, 6));
    }
    let before = throttle(&store, &id);
    let charge = subject.charge(policy, NOW, true, 7);
    let malformed = ChargeReply::Malformed { length: 6, throttle: before };
    assert_eq!(done("charge", store.charge(&id, &charge)), malformed, "the lock comes first");
    assert_eq!(throttle(&store, &id), before, "a malformed code changes the lock");
}

/// If the clock is set back, the wait is shortened and the failures stay counted. A clock that is
/// behind by at most a quarter of an hour shortens no wait.
pub fn clock_going_back<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let policy = policy(100);
    let at = |now| done("charge", store.charge(&id, &subject.charge(policy, now, true, 6)));
    for _ in 0..4 {
        assert!(
            matches!(at(NOW), ChargeReply::Permitted(_)),
            "an attempt without a wait is not permitted"
        );
    }
    let until = |time| Throttle::resume(4, Lock::Until(time));
    let whole = until(NOW.saturating_add(5));
    for seconds in [1, 899, 900] {
        let behind = at(NOW.saturating_sub(seconds));
        assert_eq!(behind, ChargeReply::Locked(whole), "a clock that is behind shortens a wait");
    }
    assert_eq!(throttle(&store, &id), whole, "a clock that is behind shortens a stored wait");
    let long_ago = NOW.saturating_sub(1_000_000);
    let cut = until(long_ago.saturating_add(905));
    assert_eq!(
        at(long_ago),
        ChargeReply::Locked(cut),
        "a wait is not shortened when the clock is set back"
    );
    assert_eq!(throttle(&store, &id), cut, "a shortened wait is not stored");
    let later = long_ago.saturating_add(904);
    assert_eq!(at(later), ChargeReply::Locked(cut), "a wait does not last until its last second");
    let ChargeReply::Permitted(entry) = at(long_ago.saturating_add(905)) else {
        panic!("a wait lasts longer than its last second");
    };
    let expected = Throttle::resume(5, Lock::Until(long_ago.saturating_add(910)));
    assert_eq!(entry.account.throttle, expected, "failures are lost when the clock is set back");

    // A policy whose waits grow without end.
    let id = subject.id("bob");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let linear = ThrottlePolicy::rfc4226(7);
    let at = |now| done("charge", store.charge(&id, &subject.charge(linear, now, true, 6)));
    assert!(matches!(at(NOW), ChargeReply::Permitted(_)), "a first attempt is not permitted");
    assert!(matches!(at(NOW.saturating_add(7)), ChargeReply::Permitted(_)), "a wait does not end");
    let cut = Throttle::resume(2, Lock::Until(long_ago.saturating_add(914)));
    assert_eq!(at(long_ago), ChargeReply::Locked(cut), "a linear wait is not shortened");
}

/// After the last attempt of the policy the account stays locked, at any time, until it is
/// unlocked.
pub fn hard_lock<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let at = |policy: ThrottlePolicy, now| {
        done("charge", store.charge(&id, &subject.charge(policy, now, true, 6)))
    };
    let mut now = NOW;
    for failures in 1..=5 {
        let ChargeReply::Permitted(entry) = at(policy(5), now) else {
            panic!("attempt {failures} of 5 is not permitted");
        };
        assert_eq!(
            entry.account.throttle.failures(),
            failures,
            "failures are not counted one by one"
        );
        now = now.saturating_add(60);
    }
    let locked = ChargeReply::Locked(Throttle::resume(5, Lock::Hard));
    for seconds in [0, 60, 1_000_000_000_000] {
        let time = now.saturating_add(seconds);
        assert_eq!(at(policy(5), time), locked, "a hard lock ends by itself");
        assert_eq!(
            at(ThrottlePolicy::unlimited(), time),
            locked,
            "a hard lock ends with another policy"
        );
    }
    assert_eq!(
        at(policy(5), NOW.saturating_sub(1_000_000)),
        locked,
        "a hard lock is shortened to a wait"
    );
    assert!(done("unlock", store.unlock(id.account())), "a locked account cannot be unlocked");
    assert!(matches!(at(policy(5), NOW), ChargeReply::Permitted(_)), "unlocking does not unlock");
}

/// A lock-out that ends by itself leaves one attempt, whether it came from failures or from guesses. A
/// clock that is set back does not end it early, and a hard lock stays.
pub fn lock_out_that_ends<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let day = NonZeroU32::new(86_400).unwrap_or(NonZeroU32::MIN);
    let (after, reopening) = (u64::from(day.get()), policy(5).with_reopen_after(day));
    let at = |policy: ThrottlePolicy, now| {
        done("charge", store.charge(&id, &subject.charge(policy, now, true, 6)))
    };
    let mut now = NOW;
    for failures in 1..=7 {
        let ChargeReply::Permitted(entry) = at(reopening, now) else {
            panic!("attempt {failures} is not permitted");
        };
        let wait = [0, 0, 0, 5].get(failures - 1).copied().unwrap_or(after);
        let lock = if wait == 0 { Lock::Open } else { Lock::Until(now.saturating_add(wait)) };
        let failures = u32::try_from(failures).unwrap_or_default();
        let locked = Throttle::resume(failures, lock);
        assert_eq!(entry.account.throttle, locked, "a lock-out does not last its time");
        for seconds in if wait == after { &[0, 900][..] } else { &[] } {
            let behind = at(reopening, now.saturating_sub(*seconds));
            assert_eq!(behind, ChargeReply::Locked(locked), "a clock that is behind shortens it");
        }
        let before = now.saturating_add(wait.saturating_sub(1));
        if wait > 0 {
            assert_eq!(at(reopening, before), ChargeReply::Locked(locked), "it ends early");
        }
        now = now.saturating_add(wait);
    }
    let long_ago = NOW.saturating_sub(1_000_000_000);
    let cut = Throttle::resume(7, Lock::Until(long_ago.saturating_add(after + 900)));
    assert_eq!(
        at(reopening, long_ago),
        ChargeReply::Locked(cut),
        "a clock set back locks for ever"
    );
    let now = long_ago.saturating_add(after + 900);
    let hard = ChargeReply::Locked(Throttle::resume(7, Lock::Hard));
    assert_eq!(at(policy(5), now), hard, "another policy permits more than its budget");
    for seconds in [0, after, 1_000_000_000_000] {
        let later = at(reopening, now.saturating_add(seconds));
        assert_eq!(later, hard, "a hard lock ends with a policy that reopens");
    }

    // A lock-out by guesses: three credentials use up the budget of ten attempts in three.
    let ids = ["", "a", "b"].map(|name| subject.named("bob", name));
    let [bob, ..] = &ids;
    for (generation, id) in (1..).zip(&ids) {
        inserted(&store, id, &Entry { confirmed: true, ..subject.hotp(0, generation) });
    }
    let many = policy(10).with_reopen_after(day);
    let mut now = NOW;
    for attempt in 1..=5 {
        let charge = subject.charge(many, now, true, 6);
        let reply = done("charge_account", store.charge_account(bob.account(), &charge));
        assert!(matches!(reply, ChargeReply::Permitted(_)), "attempt {attempt} is not permitted");
        let account = found(&store, bob).account;
        let guesses = charge.guesses(true).saturating_mul(3).saturating_mul(attempt);
        assert_eq!(account.guesses, guesses, "guesses are not counted after a lock-out");
        let until = now.saturating_add(after);
        let lock = if attempt < 3 { Lock::Open } else { Lock::Until(until) };
        assert_eq!(account.throttle.lock(), lock, "guesses do not lock out, or for another time");
        if attempt >= 3 {
            now = until;
        }
    }
}

/// Each type of credential has its own policy.
pub fn policy_by_type<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    // Such a wide look-ahead leaves HOTP far fewer attempts than TOTP.
    let options = VerifierOptions::new().with_look_ahead(18);
    let charge = subject.charge_by(&options, NOW, false, 6);
    let (hotp, totp) = (charge.hotp_policy().limit(), charge.totp_policy().limit());
    assert!(hotp < totp, "the suite's options give both types one limit");
    for (account, entry, limit) in
        [("hotp", subject.hotp(0, 1), hotp), ("totp", subject.totp(1), totp)]
    {
        let id = subject.id(account);
        inserted(&store, &id, &entry);
        let mut now = NOW;
        for failures in 1..=limit {
            let charge = subject.charge_by(&options, now, false, 6);
            let charged = permitted(&store, &id, &charge).account.throttle;
            assert_eq!(charged.failures(), failures, "failures are not counted one by one");
            let hard = charged.lock() == Lock::Hard;
            assert_eq!(hard, failures == limit, "{account} has another type's policy");
            // Longer than any wait of the policies.
            now = now.saturating_add(901);
        }
    }
}
