use otp_context::replay::{Lock, Throttle};

use super::subject::{
    NOW, Subject, done, enrolled, found, inserted, permitted, policy, refused_reads, throttle,
};
use crate::{Account, ChargeReply, CredentialId, Error, SpendReply, Store, VerifierOptions};

/// A charge can be taken back once, as long as it is the account's last one: the failures and the
/// lock become what it found. After any later event it stays.
pub fn charge_taken_back_while_last<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    let bob = subject.id("bob");
    for (generation, id) in (1..).zip([&phone, &token, &bob]) {
        enrolled(&subject, &store, id, &subject.hotp(0, generation), 0);
    }
    let charge = |id: &CredentialId, seconds| {
        let charge = subject.charge(policy(5), NOW.saturating_add(seconds), true, 6);
        permitted(&store, id, &charge);
        charge.attempt()
    };
    let take_back =
        |id: &CredentialId, attempt| done("take_back", store.take_back(id.account(), attempt));

    // The fourth failure locks for five seconds, and the fifth locks hard.
    for seconds in 0..4 {
        let before = found(&store, &phone);
        let attempt = charge(&phone, seconds);
        assert!(!take_back(&bob, attempt), "a charge of another account is taken back");
        // Any credential of the account may be named.
        assert!(take_back(&token, attempt), "the last charge cannot be taken back");
        let was = Account { last_charge: None, ..before.account };
        let now = found(&store, &phone).account;
        assert_eq!(now, was, "a charge that was taken back leaves a trace");
        assert!(!take_back(&phone, attempt), "a charge is taken back twice");
        assert_eq!(found(&store, &phone).account, was, "a charge is taken back twice");
        charge(&phone, seconds);
    }
    let waiting = Throttle::resume(4, Lock::Until(NOW.saturating_add(8)));
    assert_eq!(throttle(&store, &phone), waiting, "failures are not counted one by one");
    let last = charge(&phone, 8);
    assert_eq!(throttle(&store, &phone).lock(), Lock::Hard, "the last attempt does not lock");
    let locked = done("charge", store.charge(&phone, &subject.free(true)));
    assert!(matches!(locked, ChargeReply::Locked(_)), "a locked account is charged");
    assert!(take_back(&phone, last), "an attempt that was not counted replaces the last charge");
    assert_eq!(throttle(&store, &phone), waiting, "a lock is not what the charge found");

    // Another charge came after it.
    done("unlock", store.unlock(phone.account()));
    let (first, second) = (charge(&phone, 10), charge(&token, 10));
    assert!(!take_back(&phone, first), "a charge is taken back although another one followed");
    assert_eq!(throttle(&store, &phone).failures(), 2, "another client's guess is taken back");
    assert!(take_back(&phone, second), "the last charge cannot be taken back");
    assert!(!take_back(&phone, first), "a charge is taken back although another one followed");

    // A success came in between, and then another guess, so the numbers are as before.
    done("unlock", store.unlock(phone.account()));
    let first = charge(&phone, 20);
    let spent = done("spend", store.spend(&token, &subject.spend(2, 5)));
    assert_eq!(spent, SpendReply::Done, "not spent");
    assert!(!take_back(&phone, first), "a charge is taken back although a success cleared it");
    charge(&phone, 20);
    assert!(!take_back(&phone, first), "a charge is taken back although a success cleared it");
    assert_eq!(throttle(&store, &phone).failures(), 1, "another client's guess is taken back");

    let first = charge(&phone, 30);
    done("unlock", store.unlock(phone.account()));
    assert!(!take_back(&phone, first), "a charge is taken back although unlocking cleared it");
    assert_eq!(
        throttle(&store, &phone),
        Throttle::default(),
        "unlocking leaves a failure or a lock"
    );
    let unknown = subject.id("unknown");
    assert!(!take_back(&unknown, first), "a charge of an unknown account is taken back");
}

/// An attempt that confirms a new credential takes back its own charge, and no other guess of the
/// account.
pub fn confirming_gives_nothing_back<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let phone = subject.named("alice", "phone");
    enrolled(&subject, &store, &phone, &subject.hotp(0, 1), 0);
    let guess = || subject.charge(policy(100), NOW, true, 6);
    for _ in 0..3 {
        permitted(&store, &phone, &guess());
    }
    let guessed = throttle(&store, &phone);

    let options = VerifierOptions::new().with_policy(policy(100));
    let confirm = |name: &str, between: bool| {
        let new = subject.named("alice", name);
        inserted(&store, &new, &subject.hotp(0, 7));
        let later = NOW.saturating_add(60);
        let (charge, spend) = subject.confirming(&options, later, 7, 0);
        permitted(&store, &new, &charge);
        if between {
            let guess = subject.charge(policy(100), NOW.saturating_add(120), true, 6);
            permitted(&store, &phone, &guess);
        }
        let spent = done("spend", store.spend(&new, &spend));
        assert_eq!(spent, SpendReply::Done, "a credential cannot be confirmed");
        assert!(found(&store, &new).confirmed, "a spend does not confirm");
        let before = found(&store, &new);
        let spent = done("spend", store.spend(&new, &spend));
        assert_eq!(spent, SpendReply::Done, "a repeated confirmation gets another reply");
        assert_eq!(found(&store, &new), before, "a repeated confirmation changes something");
        before.account.throttle
    };
    assert_eq!(
        confirm("new", false),
        guessed,
        "confirming takes other charges back, or not its own"
    );
    let kept = confirm("other", true).failures();
    assert_eq!(kept, 5, "confirming takes back a guess in between, or its own before that");

    // Two concurrent confirmations: the second finds the credential confirmed.
    let twice = subject.named("alice", "twice");
    inserted(&store, &twice, &subject.hotp(0, 7));
    let spends = [(0, 180), (1, 240)].map(|(counter, seconds)| {
        let now = NOW.saturating_add(seconds);
        let (charge, spend) = subject.confirming(&options, now, 7, counter);
        permitted(&store, &twice, &charge);
        spend
    });
    for spend in spends {
        let spent = done("spend", store.spend(&twice, &spend));
        assert_eq!(spent, SpendReply::Done, "an unspent code is refused");
    }
    let left = throttle(&store, &phone).failures();
    assert!(left >= kept, "a second confirmation takes guesses back");
}

/// Resetting the drift of a credential changes nothing else.
pub fn drift_forgotten<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    for id in [&phone, &token] {
        inserted(&store, id, &subject.totp(1));
        let _ = done("spend", store.spend(id, &subject.spend_with_drift(1, 100, -2)));
    }
    permitted(&store, &phone, &subject.free(true));
    let before = (found(&store, &phone), found(&store, &token));
    assert!(done("reset_drift", store.reset_drift(&phone)), "a drift cannot be reset");
    let expected = crate::Entry { drift: 0, ..before.0 };
    assert_eq!(
        found(&store, &phone),
        expected,
        "more than the drift is reset, or the drift is not"
    );
    assert_eq!(found(&store, &token), before.1, "the drift of another credential is reset");
    let unknown = subject.id("unknown");
    assert!(
        !done("reset_drift", store.reset_drift(&unknown)),
        "the drift of an unknown credential is reset"
    );
}

/// A credential whose account row is missing is corrupt for every call that reads it, and never
/// unknown: otherwise an operator would delete the secret that opens its key.
///
/// `damage` deletes the account row of a credential directly in the database. Only the store's own
/// tests can do that, so this law is not part of [`conformance!`](crate::conformance!).
pub fn damage_is_said<S: Store + Sync>(
    open: impl Fn() -> S + Sync,
    damage: impl FnOnce(&CredentialId),
) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    damage(&id);
    for (call, refused) in refused_reads(&subject, &store, &id) {
        let reported = matches!(refused, Some(Error::Corrupt("throttle")));
        assert!(reported, "{call} does not report the missing account row: {refused:?}");
    }
    let listed = done("list", store.list(None, usize::MAX));
    assert!(listed.contains(&id), "a damaged credential is not listed");
}

/// Opening a place without a store creates nothing, and fails with [`Error::Missing`]. Otherwise a
/// wrong path or an empty server would mean that no account has a second factor.
///
/// `open` opens a place where no store was created. The stores of
/// [`conformance!`](crate::conformance!) exist, so this law is not part of it.
pub fn opening_creates_nothing<S>(open: impl Fn() -> Result<S, Error>) {
    for _ in 0..2 {
        let missing = matches!(open(), Err(Error::Missing(_)));
        assert!(missing, "a store opens that was never created");
    }
}
