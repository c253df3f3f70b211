use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use otp_context::OtpContext;
use otp_context::replay::Lock;
use otp_core::UnixTime;
use otp_store::conformance::Fault;
use otp_store::{CredentialId, EngineErrorKind, Error, Event, RecordText};

use crate::site::{MISMATCH, NOW, Phone, REPLAYED, Server, Site, accepted, totp, wallet};

/// Returns a server beside the site with a function that returns its events so far.
pub(crate) fn reporting(site: &Site, context: OtpContext) -> (Server, impl Fn() -> Vec<Event>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let report = Arc::clone(&events);
    let verifier = site.beside(context.with_plain_keys());
    let verifier = verifier.with_events(move |event| report.lock().unwrap().push(event));
    (verifier, move || core::mem::take(&mut *events.lock().unwrap()))
}

#[test]
fn every_decision_is_an_event() {
    let site = Site::new();
    let (verifier, events) = reporting(&site, OtpContext::new().with_wallet(wallet("2026")));
    let (alice, account) = (site.alice.clone(), site.alice.account().clone());
    let id = || alice.clone();
    let credential = verifier.context().new_totp("alice").unwrap();
    let phone = Phone::of(&credential);
    verifier.enroll(&alice, &credential).unwrap();
    assert_eq!(events(), [Event::Enrolled { id: id(), confirmed: false }]);
    let _ = accepted(verifier.confirm(&alice, &phone.code(NOW)).unwrap());
    assert_eq!(events(), [Event::Confirmed { id: id() }]);

    let rejected = |name: Option<&str>, reason, failures, lock| {
        let (account, name) = (account.clone(), name.map(str::to_owned));
        Event::Rejected { account, name, reason, failures, lock }
    };
    drop(verifier.verify(&alice, &phone.code(NOW)).unwrap());
    assert_eq!(events(), [rejected(Some(""), REPLAYED, 1, Lock::Open)]);
    drop(verifier.verify_account(&account, "no code").unwrap());
    let [Event::Rejected { name: None, failures: 1, reason, .. }] = &events()[..] else { panic!() };
    assert_eq!(reason.name(), "malformed");
    let wrong = phone.wrong(NOW);
    for failures in 2..=4 {
        drop(verifier.verify_account(&account, &wrong).unwrap());
        let lock = Lock::Until(UnixTime::from_secs(NOW + 30));
        let lock = if failures < 4 { Lock::Open } else { lock };
        assert_eq!(events(), [rejected(None, MISMATCH, failures, lock)]);
    }
    drop(verifier.verify(&alice, &wrong).unwrap());
    let lock = Lock::Until(UnixTime::from_secs(NOW + 30));
    assert_eq!(events(), [Event::Locked { account: account.clone(), failures: 4, lock }]);
    site.at(30);
    drop(verifier.verify_account(&account, &phone.code(NOW + 30)).unwrap());
    assert_eq!(events(), [Event::Accepted { id: id(), failures_before: 4 }]);
    verifier.unlock(&account).unwrap();
    assert_eq!(events(), [Event::Unlocked { account: account.clone() }]);
    assert_eq!(verifier.reseal(&alice).unwrap(), otp_store::Resealed::NotDue);
    assert_eq!(events(), [], "nothing was done");

    // Another server has another current secret, and one has no plain-text keys in its database.
    let (later, later_events) = reporting(&site, OtpContext::new().with_wallet(wallet("2025")));
    assert_eq!(later.reseal(&alice).unwrap(), otp_store::Resealed::Done);
    assert_eq!(later_events(), [Event::Resealed { id: id() }]);

    site.at(90);
    let stored = site.stored().record;
    site.put(&RecordText::new("{}".to_owned()));
    assert!(verifier.verify(&alice, &wrong).is_err());
    let [Event::NotCompared { name: Some(name), error, .. }] = &events()[..] else { panic!() };
    assert_eq!((name.as_str(), error.is_empty()), ("", false));
    site.put(&stored);

    for kind in [EngineErrorKind::Unreachable, EngineErrorKind::Interrupted] {
        site.store.plan([Some(Fault::Before(kind))]);
        assert!(verifier.verify(&alice, &wrong).is_err());
        let [Event::StoreFailed { account: of, error }] = &events()[..] else { panic!() };
        assert_eq!((of, error.is_empty()), (&account, false));
    }
    let month = core::time::Duration::from_secs(86_400);
    drop(verifier.trusted(&account, "forged", month).unwrap());
    let why = otp_store::Distrust::Forged;
    assert_eq!(events(), [Event::Distrusted { account: account.clone(), why }]);
    site.store.plan([Some(Fault::Before(EngineErrorKind::Unreachable))]);
    assert!(verifier.trusted(&account, "forged", month).is_err());
    assert_eq!(events()[0].name(), "store_failed");
    verifier.remove(&alice).unwrap();
    assert_eq!(events(), [Event::Removed { id: id() }]);
    assert!(matches!(verifier.remove(&alice), Err(Error::Unknown)));
    assert_eq!(events(), [], "an unknown id is no failure of the store");
}

/// So the event comes after the write, and before the reply.
#[test]
fn panic_in_the_function_accepts_no_code_and_loses_no_write() {
    let site = Site::new();
    let phone = site.enrolled(totp());
    site.at(60);
    let verifier = site.beside(OtpContext::new()).with_events(|_| panic!("as planned"));
    let panics = |call: &dyn Fn()| {
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "a reply comes out of a panic");
    };
    panics(&|| drop(verifier.verify(&site.alice, &phone.wrong(NOW + 60))));
    assert_eq!(site.failures(), 1);
    let right = phone.code(NOW + 60);
    panics(&|| drop(verifier.verify(&site.alice, &right)));
    assert_eq!(site.reason(&right), REPLAYED, "the spend is lost");
    let bob = CredentialId::new("bob").unwrap();
    let credential = site.verifier.context().new_totp("bob").unwrap();
    panics(&|| drop(verifier.enroll(&bob, &credential)));
    assert!(site.verifier.status(&bob).is_ok(), "the enrolment is lost");
    panics(&|| drop(verifier.remove(&bob)));
    assert!(matches!(site.verifier.status(&bob), Err(Error::Unknown)));
}
