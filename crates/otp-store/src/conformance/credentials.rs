use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{Algorithm, Digits};
use otp_uri::OtpKind;

use super::subject::{
    NOW, Subject, done, enrolled, found, hotp, inserted, permitted, policy, throttle,
};
use crate::{Account, ChargeReply, Entry, LastCharge, RecordText, SpendReply, Store};

/// A credential is read back as it was stored, whatever its type and the length of its record.
pub fn insert_and_find<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    assert_eq!(
        done("find", store.find(&subject.id("unknown"))),
        None,
        "an unknown credential is found"
    );
    let digits = (6..=10).filter_map(|digits| Digits::new(digits).ok());
    let totp = digits.map(|digits| OtpKind::Totp {
        algorithm: Algorithm::Sha256,
        digits,
        period: otp_core::Period::THIRTY,
    });
    let kinds = totp.chain([OtpKind::Steam, hotp(0), hotp(12_345)]);
    for (place, kind) in kinds.enumerate() {
        let id = subject.named(&place.to_string(), "phone");
        let entry = subject.entry(kind, u64::try_from(place).unwrap_or_default());
        inserted(&store, &id, &entry);
        assert_eq!(found(&store, &id), entry, "a credential is not read back as it was stored");
    }
    let texts = ["", "{\"a\": \"\u{e9}\u{1f600}'\\\\\\\"%_\"}", &"x".repeat(16_384)];
    for (place, text) in texts.into_iter().enumerate() {
        let id = subject.id(&format!("text {place}"));
        let entry = Entry { record: RecordText::new(text.to_owned()), ..subject.totp(1) };
        inserted(&store, &id, &entry);
        let same = found(&store, &id).record.as_str() == text;
        assert!(same, "a record of {} bytes is not read back as it was stored", text.len());
    }
    // The confirmation is kept. The rest of its history is not.
    let id = subject.id("again");
    let was = Entry {
        confirmed: true,
        drift: 3,
        attempt: Some(subject.spend(1, 7).attempt()),
        ..subject.totp(1)
    };
    for confirmed in [false, true] {
        let was = Entry { confirmed, ..was.clone() };
        inserted(&store, &id, &was);
        assert_eq!(found(&store, &id), was.enrolled(), "a new credential has a history");
    }
    // Another handle sees the credential, too.
    let id = subject.named("0", "phone");
    assert_eq!(found(&open(), &id), found(&store, &id), "another handle finds another entry");
}

/// A credential is replaced until it is confirmed, and not after that. Its account's failures stay.
pub fn replacement<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let id = subject.id("alice");
    inserted(&store, &id, &subject.hotp(5, 1));
    let charged = permitted(&store, &id, &subject.charge(policy(5), NOW, false, 6));
    let new = subject.totp(2);
    assert!(done("insert", store.insert(&id, &new)), "an unconfirmed credential is not replaced");
    let expected = Entry { account: charged.account, ..new };
    assert_eq!(
        found(&store, &id),
        expected,
        "a replaced credential keeps old values, or its account's failures are lost"
    );

    let _ = done("spend", store.spend(&id, &subject.spend_with_drift(2, 100, 3)));
    permitted(&store, &id, &subject.free(true));
    let before = found(&store, &id);
    let other = subject.hotp(7, 3);
    assert!(!done("insert", store.insert(&id, &other)), "a confirmed credential is replaced");
    assert_eq!(found(&store, &id), before, "a refused credential changes the stored one");
    let second = subject.named("alice", "phone");
    inserted(&store, &second, &other);
    for id in [&id, &second] {
        assert_eq!(
            throttle(&store, id),
            before.account.throttle,
            "a new credential clears the failures of its account, or has failures of its own"
        );
    }
}

/// An unconfirmed credential verifies nothing, and a confirmed one is not confirmed again. Neither
/// request costs an attempt.
pub fn confirmation<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (id, entry) = (subject.id("alice"), subject.hotp(0, 9));
    inserted(&store, &id, &entry);
    assert_eq!(
        done("charge", store.charge(&id, &subject.free(true))),
        ChargeReply::Unknown,
        "an unconfirmed credential verifies a code"
    );
    assert_eq!(throttle(&store, &id), Throttle::default(), "it costs an attempt");
    let charged = permitted(&store, &id, &subject.free(false));
    assert!(!charged.confirmed, "a charge confirms a credential");
    assert_eq!(charged.account.throttle.failures(), 1, "an attempt to confirm is not counted");

    let spend = subject.spend(9, 0);
    assert_eq!(done("spend", store.spend(&id, &spend)), SpendReply::Done, "not confirmed");
    assert!(found(&store, &id).confirmed, "a spend does not confirm");
    assert_eq!(
        done("charge", store.charge(&id, &subject.free(false))),
        ChargeReply::Enrolled,
        "a confirmed credential can be confirmed again"
    );
    assert_eq!(
        throttle(&store, &id),
        Throttle::default(),
        "it costs an attempt, or a success does not clear the failures"
    );
    let charge = subject.free(true);
    let last = LastCharge { attempt: charge.attempt(), found: Lock::Open, guesses: 0 };
    let before = found(&store, &id);
    let account = Account {
        throttle: Throttle::resume(1, Lock::Open),
        guesses: charge.guesses(before.hotp),
        last_charge: Some(last),
        ..before.account
    };
    let expected = Entry { account, ..before };
    assert_eq!(
        permitted(&store, &id, &charge),
        expected,
        "a charge does not return the credential with the attempt counted"
    );
    let unknown = subject.id("unknown");
    for confirmed in [false, true] {
        assert_eq!(
            done("charge", store.charge(&unknown, &subject.free(confirmed))),
            ChargeReply::Unknown,
            "an unknown credential is charged"
        );
    }
    assert_eq!(done("find", store.find(&unknown)), None, "a charge makes a credential");
}

/// A removed credential is gone. Its account's failures go with the last credential, and not
/// before.
pub fn removal<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    assert!(!done("remove", store.remove(&phone)), "an unknown credential is removed");
    // Another account, whose name begins with the first account's.
    inserted(&store, &subject.id("alice2"), &subject.hotp(0, 1));
    enrolled(&subject, &store, &phone, &subject.hotp(0, 1), 0);
    enrolled(&subject, &store, &token, &subject.hotp(0, 2), 0);
    permitted(&store, &phone, &subject.free(true));

    assert!(done("remove", store.remove(&phone)), "a credential cannot be removed");
    assert_eq!(done("find", store.find(&phone)), None, "a removed credential is still there");
    assert!(!done("remove", store.remove(&phone)), "a credential is removed twice");
    assert_eq!(
        done("charge", store.charge(&phone, &subject.free(true))),
        ChargeReply::Unknown,
        "a removed credential verifies a code"
    );
    assert_eq!(
        done("spend", store.spend(&phone, &subject.spend(1, 5))),
        SpendReply::Unknown,
        "a removed credential can be spent"
    );
    assert_eq!(
        throttle(&store, &token).failures(),
        1,
        "removing one of two credentials changes the failures of their account"
    );

    assert!(done("remove", store.remove(&token)), "a credential cannot be removed");
    inserted(&store, &phone, &subject.hotp(0, 3));
    assert_eq!(
        found(&store, &phone),
        subject.hotp(0, 3),
        "an account outlives its last credential"
    );
}

/// Unlocking clears only the failures and the lock of the account. Any of its credentials may be
/// named.
pub fn unlocking<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    assert!(!done("unlock", store.unlock(phone.account())), "an unknown account is unlocked");
    enrolled(&subject, &store, &phone, &subject.hotp(0, 1), 0);
    let before = found(&store, &phone);
    assert!(
        done("unlock", store.unlock(phone.account())),
        "an account that is not locked cannot be unlocked"
    );
    for failures in 1..=5 {
        // Far enough apart for the waits.
        let now = NOW.saturating_add(u64::from(failures) * 60);
        let charged = permitted(&store, &phone, &subject.charge(policy(5), now, true, 6));
        assert_eq!(
            charged.account.throttle.failures(),
            failures,
            "failures are not counted one by one"
        );
    }
    assert_eq!(throttle(&store, &phone).lock(), Lock::Hard, "the last attempt does not lock");
    let other = subject.named("bob", "phone");
    assert!(!done("unlock", store.unlock(other.account())), "another unknown account is unlocked");
    assert_eq!(throttle(&store, &phone).lock(), Lock::Hard, "another account's lock is cleared");
    // Attempts are counted by account.
    assert!(done("unlock", store.unlock(token.account())), "a locked account cannot be unlocked");
    assert_eq!(found(&store, &phone), before, "unlocking clears too little or too much");
    permitted(&store, &phone, &subject.charge(ThrottlePolicy::nist(), NOW, true, 6));
}

/// A record is replaced only if it is still the one that was read. Nothing else changes.
pub fn reseal_by_compare_and_set<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let text = |text: &str| RecordText::new(text.to_owned());
    let (id, twin) = (subject.named("alice", "phone"), subject.named("alice", "twin"));
    let reseal =
        |id, old: &RecordText, new: &str| done("reseal", store.reseal(id, old, &text(new)));
    let entry = subject.totp(1);
    assert!(!reseal(&id, &entry.record, "new"), "an unknown credential is re-encrypted");
    inserted(&store, &id, &entry);
    inserted(&store, &twin, &entry);
    assert!(
        reseal(&id, &entry.record, "unconfirmed"),
        "an unconfirmed credential is not re-encrypted"
    );
    let _ = done("spend", store.spend(&id, &subject.spend_with_drift(1, 100, -2)));
    permitted(&store, &id, &subject.free(true));

    let before = found(&store, &id);
    assert!(!reseal(&id, &entry.record, "new"), "a record is replaced that has changed");
    assert!(!reseal(&id, &text("Unconfirmed"), "new"), "records are compared without case");
    assert!(!reseal(&id, &text("unconfirmed "), "new"), "records are compared without white space");
    assert_eq!(found(&store, &id), before, "a refused record changes the credential");
    assert!(reseal(&id, &before.record, "new"), "a record is not replaced");
    let expected = Entry { record: text("new"), ..before };
    assert_eq!(found(&store, &id), expected, "more than the record is replaced");
    assert_eq!(found(&store, &twin).record, entry.record, "another credential is changed");
}
