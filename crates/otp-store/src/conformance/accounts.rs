use core::num::NonZeroU32;

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{Algorithm, Digits};
use otp_uri::OtpKind;

use super::race::{handles, raced};
use super::subject::{NOW, Subject, asked, done, enrolled, found, inserted, permitted, policy};
use crate::{
    Account, AccountId, ChargeReply, ChargeRequest, CredentialId, Entry, SpendReply, Store,
    VerifierOptions,
};

/// Names in ascending order of their bytes.
const NAMES: [&str; 4] = ["", "B", "a", "\u{e9}"];

fn charged(
    store: &impl Store,
    account: &AccountId,
    charge: &ChargeRequest,
) -> ChargeReply<Vec<(CredentialId, Entry)>> {
    done("charge_account", store.charge_account(account, charge))
}

/// An attempt on an account is counted once and returns each confirmed credential whose codes have
/// that length, in the order of their names.
pub fn account_charged_once<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let ids = NAMES.map(|name| subject.named("alice", name));
    let [first, ..] = &ids;
    let account = first.account();
    let guess = || subject.charge(policy(100), NOW, true, 6);
    assert_eq!(charged(&store, account, &guess()), ChargeReply::Unknown, "an empty account");
    assert_eq!(done("credentials", store.credentials(account)), [], "an empty account");

    // The last is not confirmed, and the one before it has longer codes.
    let [eight, new] = [subject.named("alice", "\u{10ffff}"), subject.named("alice", "\u{ff}")];
    inserted(&store, &new, &subject.hotp(0, 8));
    assert_eq!(
        charged(&store, account, &guess()),
        ChargeReply::Unknown,
        "an unconfirmed credential"
    );
    let digits = Digits::EIGHT;
    let kind = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits, counter: 0 };
    let entry = Entry { confirmed: true, ..subject.entry(kind, 9) };
    inserted(&store, &eight, &entry);
    let malformed = ChargeReply::Malformed { length: 8, throttle: Throttle::default() };
    assert_eq!(
        charged(&store, account, &guess()),
        malformed,
        "a code of another length is charged"
    );
    for (generation, id) in (1..).zip(ids.iter().rev()) {
        let entry = if generation == 2 { subject.totp(2) } else { subject.hotp(0, generation) };
        enrolled(&subject, &store, id, &entry, 0);
    }
    // Another account, whose name begins with this one's.
    let other = subject.id("alice2");
    enrolled(&subject, &store, &other, &subject.hotp(0, 1), 0);

    let charge = guess();
    let ChargeReply::Permitted(entries) = charged(&store, account, &charge) else {
        panic!("an attempt on an account is not permitted");
    };
    let names: Vec<_> = entries.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(
        names, ids,
        "an attempt is not on every credential with codes of that length, in order"
    );
    let state = found(&store, first).account;
    assert_eq!(state.throttle, Throttle::resume(1, Lock::Open), "an attempt is not counted once");
    let guesses = charge.guesses(false).saturating_add(charge.guesses(true).saturating_mul(3));
    assert_eq!(state.guesses, guesses, "guesses are not those of all credentials");
    for (id, entry) in &entries {
        let kept = found(&store, id);
        assert_eq!(*entry, kept, "an attempt on an account returns other values than are stored");
    }
    let all = done("credentials", store.credentials(account));
    let listed: Vec<_> = all.iter().map(|(id, _)| id.name()).collect();
    assert_eq!(
        listed,
        ["", "B", "a", "\u{e9}", "\u{ff}", "\u{10ffff}"],
        "credentials are not in order"
    );
    for (id, entry) in &all {
        assert_eq!(*entry, found(&store, id), "credentials differ from those that are found");
    }
    let attempt = charge.attempt();
    assert!(done("take_back", store.take_back(account, attempt)), "a charge cannot be taken back");
    assert_eq!(found(&store, first).account, Account::default(), "a charge leaves a trace");

    for _ in 0..4 {
        let permitted = matches!(charged(&store, account, &guess()), ChargeReply::Permitted(_));
        assert!(permitted, "an attempt without a wait is not permitted");
    }
    let locked = Throttle::resume(4, Lock::Until(NOW.saturating_add(5)));
    let before = found(&store, first).account;
    assert_eq!(charged(&store, account, &guess()), ChargeReply::Locked(locked), "not locked");
    assert_eq!(found(&store, first).account, before, "a locked account is charged");
    assert_eq!(found(&store, &other).account, Account::default(), "accounts share their failures");
    let cut = NOW.saturating_sub(1_000_000);
    let charge = subject.charge(policy(100), cut, true, 6);
    let locked = Throttle::resume(4, Lock::Until(cut.saturating_add(905)));
    assert_eq!(charged(&store, account, &charge), ChargeReply::Locked(locked), "a lock is not cut");
    assert_eq!(found(&store, first).account.throttle, locked, "a shortened lock is not stored");
}

/// An account's guesses are spent, not divided: credentials that come and go between attempts give no
/// more of them, and an attempt that would exceed the budget locks hard.
pub fn guesses_are_spent<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let ids = ["", "phone", "token"].map(|name| subject.named("alice", name));
    let [first, second, third] = &ids;
    let account = first.account();
    for (generation, id) in (1..).zip([first, second]) {
        enrolled(&subject, &store, id, &subject.totp(generation), 0);
    }
    let ten = ThrottlePolicy::unlimited().with_limit(NonZeroU32::MIN.saturating_add(9));
    let charge = || subject.charge(ten, NOW, true, 6);
    let (each, budget) = (charge().guesses(false), charge().budget(false));
    assert_eq!(budget, each.saturating_mul(10), "the suite's budget is not that of ten attempts");
    let state = || found(&store, first).account;
    let guess = |expected: u32, failures: u32| {
        let permitted = matches!(charged(&store, account, &charge()), ChargeReply::Permitted(_));
        assert!(permitted, "an attempt within the budget is not permitted");
        let state = state();
        assert_eq!(state.guesses, each.saturating_mul(expected), "guesses are not added up");
        assert_eq!(state.throttle.failures(), failures, "failures do not count attempts");
        state.throttle.lock()
    };
    assert_eq!(guess(2, 1), Lock::Open, "an account is locked too early");
    assert_eq!(guess(4, 2), Lock::Open, "an account is locked too early");
    // One credential less, and then one more.
    assert!(done("remove", store.remove(second)), "a credential cannot be removed");
    assert_eq!(guess(5, 3), Lock::Open, "an account is locked too early");
    permitted(&store, first, &charge());
    assert_eq!(state().guesses, each.saturating_mul(6), "an attempt on one credential costs none");
    inserted(&store, second, &Entry { confirmed: true, ..subject.totp(4) });
    inserted(&store, third, &Entry { confirmed: true, ..subject.totp(5) });
    // Three more are left for an attempt, and then none.
    assert_eq!(guess(9, 5), Lock::Hard, "another attempt would exceed the budget");

    // An attempt that would exceed the budget itself is not counted.
    done("unlock", store.unlock(account));
    assert_eq!(state(), Account::default(), "unlocking leaves guesses");
    for _ in 0..8 {
        permitted(&store, first, &charge());
    }
    let before = state();
    assert_eq!(before.throttle.lock(), Lock::Open, "an account is locked too early");
    let hard = Throttle::resume(8, Lock::Hard);
    assert_eq!(charged(&store, account, &charge()), ChargeReply::Locked(hard), "not refused");
    let expected = Account { throttle: hard, ..before };
    assert_eq!(
        state(),
        expected,
        "an attempt beyond the budget is counted, or its lock not stored"
    );

    // But a clean account gets one attempt, or no right code could be accepted.
    done("unlock", store.unlock(account));
    let one = ThrottlePolicy::unlimited().with_limit(NonZeroU32::MIN);
    let charge_one = subject.charge(one, NOW, true, 6);
    let permitted_one = matches!(charged(&store, account, &charge_one), ChargeReply::Permitted(_));
    assert!(permitted_one, "the first attempt of a clean account is not permitted");
    assert_eq!(state().throttle, Throttle::resume(1, Lock::Hard), "another attempt is left");

    // A success clears them. A confirmation takes back its own.
    done("unlock", store.unlock(account));
    assert_eq!(guess(3, 1), Lock::Open, "an account is locked too early");
    let new = subject.named("alice", "new");
    let options = VerifierOptions::new().with_policy(ten);
    inserted(&store, &new, &subject.hotp(0, 7));
    let (charge, spend) = subject.confirming(&options, NOW, 7, 0);
    permitted(&store, &new, &charge);
    let more = each.saturating_mul(3).saturating_add(charge.guesses(true));
    assert_eq!(state().guesses, more, "a confirmation costs no guesses");
    assert_eq!(done("spend", store.spend(&new, &spend)), SpendReply::Done, "not confirmed");
    assert_eq!(state().guesses, each.saturating_mul(3), "a confirmation gives guesses back");
    let spend = subject.spend(1, 7);
    assert_eq!(done("spend", store.spend(first, &spend)), SpendReply::Done, "not spent");
    assert_eq!(state(), Account::default(), "a success leaves guesses");
}

/// A code that matches several credentials is spent in all of them at once. If one of them has spent
/// it, it is a replay, and the failures stay.
pub fn spent_in_all<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    let account = phone.account();
    for (generation, id) in (1..).zip([&phone, &token]) {
        enrolled(&subject, &store, id, &subject.hotp(0, generation), 0);
    }
    let spend_all = |generations: &[u64], counter| {
        let spends = subject.spend_all(generations, counter);
        let names = [phone.name(), token.name()];
        let named: Vec<_> = names.into_iter().zip(spends).collect();
        let reply = done("spend_all", store.spend_all(account, &named));
        let again = done("spend_all", store.spend_all(account, &named));
        assert_eq!(again, reply, "a repeated request gets another reply");
        reply
    };
    let next = || (found(&store, &phone).next, found(&store, &token).next);
    let guess = || permitted(&store, &phone, &subject.charge(policy(100), NOW, true, 6)).account;
    guess();
    assert_eq!(spend_all(&[1, 2], 5), SpendReply::Done, "a code is not spent in all credentials");
    assert_eq!(next(), (6, 6), "a code is not spent in all credentials");
    assert_eq!(found(&store, &phone).account, Account::default(), "a success clears no failures");

    // Only one has spent it.
    let spend = subject.spend(2, 8);
    assert_eq!(done("spend", store.spend(&token, &spend)), SpendReply::Done, "not spent");
    let failed = guess();
    assert_eq!(
        spend_all(&[1, 2], 8),
        SpendReply::Replayed,
        "a code that one has spent is accepted"
    );
    assert_eq!(found(&store, &phone).account, failed, "a replay clears failures");
    assert_eq!(found(&store, &token).next, 9, "a replay moves a counter");
    assert_eq!(spend_all(&[1, 9], 20), SpendReply::Stale, "a replaced credential is spent");
    assert_eq!(found(&store, &token).next, 9, "a replaced credential is spent");
    assert!(done("remove", store.remove(&token)), "a credential cannot be removed");
    let gone = subject.spend_all(&[1, 2], 30);
    let named: Vec<_> = [phone.name(), token.name()].into_iter().zip(gone).collect();
    let reply = done("spend_all", store.spend_all(account, &named));
    assert_eq!(reply, SpendReply::Unknown, "a removed credential is spent");
    assert_eq!(found(&store, &phone).account, failed, "a refused spend clears failures");
}

/// A code of two credentials that arrives many times at once, for the account and for each credential,
/// is accepted once.
pub fn spent_in_all_in_a_race<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    for (generation, id) in (1..).zip([&phone, &token]) {
        enrolled(&subject, store, id, &subject.hotp(0, generation), 0);
    }
    for counter in 1..=12 {
        let answers = raced(&handles, 3, |number, store| {
            let charge = subject.free(true);
            let charged = asked(|| store.charge_account(phone.account(), &charge)).0?;
            assert!(matches!(charged, ChargeReply::Permitted(_)), "an attempt is not permitted");
            let spends = subject.spend_all(&[1, 2], counter);
            let mut named: Vec<_> = [phone.name(), token.name()].into_iter().zip(spends).collect();
            if number % 2 == 0 {
                named.reverse();
            }
            asked(|| store.spend_all(phone.account(), &named)).0
        });
        let mut accepted = 0_u32;
        for answer in answers {
            match done("a race", answer) {
                SpendReply::Done => accepted += 1,
                other => assert_eq!(other, SpendReply::Replayed, "a race gets another reply"),
            }
        }
        assert_eq!(accepted, 1, "a code of two credentials was not accepted once");
        let next = (found(store, &phone).next, found(store, &token).next);
        assert_eq!(next, (counter + 1, counter + 1), "a code is not spent in all credentials");
    }
}
