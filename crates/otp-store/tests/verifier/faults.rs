use std::sync::Arc;

use otp_context::{ClockError, EntropyError, OtpContext};
use otp_store::conformance::Fault;
use otp_store::{EngineErrorKind, Error, Verifier, VerifierOptions};

use crate::site::{NOW, Phone, Site, accepted, totp, wallet};

#[track_caller]
fn failed<T: core::fmt::Debug>(answer: Result<T, Error>, kind: EngineErrorKind) {
    match answer {
        Err(Error::Engine(error)) => assert_eq!(error.kind(), kind),
        other => panic!("not an error of the store: {other:?}"),
    }
}

#[test]
fn every_call_reports_an_error_of_the_store() {
    let (site, kind) = (Site::new(), EngineErrorKind::Full);
    // Fails the call of the store after this many that work.
    let fail = |calls| {
        let working = (0..calls).map(|_| None);
        site.store.plan(working.chain([Some(Fault::Before(kind))]));
    };
    let (verifier, alice) = (&site.verifier, &site.alice);
    let credential = verifier.context().new_totp("alice").unwrap();
    fail(0);
    failed(verifier.enroll(alice, &credential), kind);
    verifier.enroll(alice, &credential).unwrap();
    let first = Phone::of(&credential).code(NOW);
    for calls in 0..2 {
        fail(calls);
        failed(verifier.confirm(alice, &first), kind);
    }
    fail(0);
    failed(verifier.confirm(alice, "malformed"), kind);
    assert!(!verifier.status(alice).unwrap().confirmed());
    let _ = accepted(site.confirm(&first));
    let sealing = OtpContext::new().with_plain_keys().with_wallet(wallet("2026"));
    let sealing = site.beside(sealing);
    let calls: [&dyn Fn() -> Result<(), Error>; 5] = [
        &|| verifier.resync(alice, &["123456", "234567"], 9).map(drop),
        &|| verifier.status(alice).map(drop),
        &|| verifier.unlock(alice.account()),
        &|| verifier.remove(alice),
        &|| sealing.reseal(alice).map(drop),
    ];
    for call in calls {
        fail(0);
        failed(call(), kind);
    }
    fail(1);
    failed(sealing.reseal(alice), kind);
    assert!(sealing.status(alice).unwrap().tag().is_none());
}

#[test]
fn failing_clock_or_entropy_is_an_error() {
    let (site, plain) = (Site::new(), OtpContext::new().with_plain_keys());
    let phone = site.enrolled(totp());
    let stopped = plain.clone().with_clock(|| Err(ClockError));
    let verifier = Verifier::new(Arc::clone(&site.store), stopped, VerifierOptions::new()).unwrap();
    let answer = verifier.verify(&site.alice, &phone.code(NOW));
    assert!(matches!(answer, Err(Error::Context(otp_context::Error::Clock(_)))));

    let empty = plain.with_entropy(|_| Err(EntropyError::Unavailable));
    let answer = Verifier::new(Arc::clone(&site.store), empty, VerifierOptions::new());
    assert!(matches!(answer.err(), Some(Error::Context(otp_context::Error::Entropy(_)))));
    assert_eq!(site.failures(), 0);
}
