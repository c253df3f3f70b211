use otp_context::Credential;
use otp_core::{Rejected, UnixTime};

use super::faulty::{Fault, Faulty};
use super::subject::{NOW, Subject, done, found, permitted, policy};
use crate::{
    CredentialId, EngineErrorKind, Error, Reason, SpendReply, Store, Verdict, Verifier,
    VerifierOptions,
};

const LOST: EngineErrorKind = EngineErrorKind::Interrupted;
const DOWN: EngineErrorKind = EngineErrorKind::Unreachable;

type Planned<S> = Verifier<Faulty<S>>;

/// A verifier with a fixed time, over a store that fails as planned.
fn verifier<S: Store>(subject: &Subject, store: S, now: UnixTime) -> Planned<S> {
    let options = VerifierOptions::new().with_policy(policy(100));
    let context = subject.context(now).with_plain_keys();
    let verifier = Verifier::new(Faulty::new(store), context, options);
    done("a verifier", verifier)
}

fn code(phone: &Credential, now: UnixTime) -> String {
    phone.totp().map_or_else(String::new, |totp| totp.generate(now).code().text().to_string())
}

fn enrol<S: Store>(verifier: &Planned<S>, id: &CredentialId) -> Credential {
    let phone = done("a credential", verifier.context().new_totp("alice"));
    done("enroll", verifier.enroll(id, &phone));
    let first = code(&phone, NOW);
    accepted("the first code", done("confirm", verifier.confirm(id, &first)));
    phone
}

#[track_caller]
fn accepted(what: &str, verdict: Verdict) {
    assert!(matches!(verdict, Verdict::Accepted(_)), "{what} is not accepted: {verdict:?}");
}

/// Verifies over a store in which any call may fail, before or after its work. An error accepts no
/// code, a charge that was done counts, and a spent code is not accepted again.
pub fn errors_accept_no_code<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let subject = Subject::new();
    let later = NOW.saturating_add(60);
    let cases = [
        ("a charge that was not done", vec![Some(Fault::Before(DOWN))], 0, false),
        ("a charge that was done", vec![Some(Fault::After(DOWN))], 1, false),
        ("a charge that was done", vec![Some(Fault::After(LOST))], 1, false),
        ("a spend that was not done", vec![None, Some(Fault::Before(DOWN))], 1, false),
        ("a spend that was done", vec![None, Some(Fault::After(DOWN))], 0, true),
        (
            "a spend that was not done twice",
            vec![None, Some(Fault::Before(LOST)), Some(Fault::Before(LOST))],
            1,
            false,
        ),
        (
            "a spend whose repetition was not done",
            vec![None, Some(Fault::After(LOST)), Some(Fault::Before(DOWN))],
            0,
            true,
        ),
        (
            "a spend that was done twice",
            vec![None, Some(Fault::After(LOST)), Some(Fault::After(LOST))],
            0,
            true,
        ),
    ];
    for (place, (what, plan, failures, spent)) in cases.into_iter().enumerate() {
        let id = subject.id(&place.to_string());
        let phone = enrol(&verifier(&subject, open(), NOW), &id);
        let verifier = verifier(&subject, open(), later);
        let typed = code(&phone, later);
        verifier.store().plan(plan);
        let answer = verifier.verify(&id, &typed);
        assert!(matches!(answer, Err(Error::Engine(_))), "the error of {what} is lost: {answer:?}");
        let left = found(verifier.store(), &id).account.throttle.failures();
        assert_eq!(left, failures, "after {what} the failures are wrong");
        let again = done("verify", verifier.verify(&id, &typed));
        match again {
            Verdict::Rejected(it) if it.reason() == Reason::Code(Rejected::Replayed) => {
                assert!(spent, "after {what} the code is spent");
            }
            Verdict::Accepted(_) => assert!(!spent, "after {what} the code is accepted again"),
            other => panic!("after {what}: {other:?}"),
        }
    }
}

/// A verifier repeats a spend whose reply was lost. Its user gets in once, and no other user does.
/// A client that dies after a charge leaves the charge counted.
pub fn crash_between_the_writes<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let subject = Subject::new();
    let later = NOW.saturating_add(60);
    for (place, fault) in [Fault::Before(LOST), Fault::After(LOST)].into_iter().enumerate() {
        let id = subject.id(&place.to_string());
        let phone = enrol(&verifier(&subject, open(), NOW), &id);
        let verifier = verifier(&subject, open(), later);
        let typed = code(&phone, later);
        verifier.store().plan([None, Some(fault)]);
        let what = "a code whose spend was repeated";
        accepted(what, done("verify", verifier.verify(&id, &typed)));
        let again = done("verify", verifier.verify(&id, &typed));
        assert!(matches!(again, Verdict::Rejected(_)), "{what} is accepted twice: {again:?}");
    }

    let (id, store) = (subject.id("dies"), open());
    super::subject::enrolled(&subject, &store, &id, &subject.hotp(0, 1), 0);
    let guess = subject.charge(policy(100), NOW, true, 6);
    for failures in 1..=3 {
        // Each time another client, which dies before it compares the code.
        let charged = permitted(&open(), &id, &guess);
        assert_eq!(
            charged.account.throttle.failures(),
            failures,
            "a charge is lost with its client"
        );
    }
    let spend = subject.spend(1, 1);
    assert_eq!(done("spend", open().spend(&id, &spend)), SpendReply::Done, "not spent");
    let spent = done("spend", open().spend(&id, &spend));
    assert_eq!(spent, SpendReply::Done, "a spend cannot be repeated through another handle");
    let other = done("spend", open().spend(&id, &subject.spend(1, 1)));
    assert_eq!(other, SpendReply::Replayed, "a counter is spent again through another handle");
}
