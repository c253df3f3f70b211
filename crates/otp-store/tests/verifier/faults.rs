use otp_context::{ClockError, EntropyError, OtpContext};
use otp_core::Rejected;
use otp_store::conformance::Fault;
use otp_store::{EngineErrorKind, Error, Reason, Verdict, VerifierOptions};

use crate::driver::Driver;
use crate::site::{NOW, Site, accepted, totp};

crate::scenarios![
    error_of_the_store_accepts_no_code,
    spend_is_repeated_once_after_a_lost_reply,
    every_call_reports_an_error_of_the_store,
    failing_clock_or_entropy_is_an_error,
];

const KINDS: [EngineErrorKind; 8] = [
    EngineErrorKind::Unreachable,
    EngineErrorKind::TimedOut,
    EngineErrorKind::Denied,
    EngineErrorKind::Busy,
    EngineErrorKind::Full,
    EngineErrorKind::ReadOnly,
    EngineErrorKind::Damaged,
    EngineErrorKind::Other,
];

#[track_caller]
fn failed<T: core::fmt::Debug>(answer: Result<T, Error>, kind: EngineErrorKind) {
    match answer {
        Err(Error::Engine(error)) => assert_eq!(error.kind(), kind),
        other => panic!("not an error of the store: {other:?}"),
    }
}

/// Verifies right codes, with every kind of error at each of the two writes, before and after the
/// write.
fn error_of_the_store_accepts_no_code(driver: Driver) {
    for kind in KINDS {
        let site = Site::new(driver);
        let phone = site.enrolled(totp());
        let mut now = 0;
        let mut verify = |plan: Vec<Option<Fault>>| {
            now += 600;
            site.at(now);
            let typed = phone.code(NOW + now);
            site.store.plan(plan);
            failed(site.verifier.verify(&site.alice, &typed), kind);
            site.store.plan([]);
            (site.failures(), site.verify(&typed))
        };
        let (before, after) = (Some(Fault::Before(kind)), Some(Fault::After(kind)));
        // If nothing was spent, the same code is accepted afterwards.
        let (failures, verdict) = verify(vec![before]);
        assert_eq!((failures, accepted(verdict).failures_before()), (0, 0));
        let (failures, verdict) = verify(vec![after]);
        assert_eq!((failures, accepted(verdict).failures_before()), (1, 1));
        let (failures, verdict) = verify(vec![None, before]);
        assert_eq!((failures, accepted(verdict).failures_before()), (1, 1));
        let (failures, verdict) = verify(vec![None, after]);
        assert_eq!(failures, 0);
        assert!(matches!(
            verdict,
            Verdict::Rejected(it) if it.reason() == Reason::Code(Rejected::Replayed)
        ));
    }
}

fn spend_is_repeated_once_after_a_lost_reply(driver: Driver) {
    let lost = EngineErrorKind::Interrupted;
    let (before, after) = (Some(Fault::Before(lost)), Some(Fault::After(lost)));
    for fault in [before, after] {
        let site = Site::new(driver);
        let phone = site.enrolled(totp());
        let typed = phone.code(NOW + 600);
        site.at(600).store.plan([None, fault]);
        let _ = accepted(site.verify(&typed));
        assert_eq!(site.reason(&typed), Reason::Code(Rejected::Replayed));

        // A charge is not repeated, since it may be counted.
        let typed = phone.code(NOW + 900);
        site.at(900).store.plan([fault]);
        failed(site.verifier.verify(&site.alice, &typed), lost);
        let _ = accepted(site.verify(&typed));

        // A spend is repeated only once.
        let typed = phone.code(NOW + 1200);
        site.at(1200).store.plan([None, fault, fault]);
        failed(site.verifier.verify(&site.alice, &typed), lost);
    }
    // A second error of any kind is final.
    let site = Site::new(driver);
    let phone = site.enrolled(totp());
    let down = EngineErrorKind::Unreachable;
    site.at(600).store.plan([None, after, Some(Fault::Before(down))]);
    failed(site.verifier.verify(&site.alice, &phone.code(NOW + 600)), down);
}

fn every_call_reports_an_error_of_the_store(driver: Driver) {
    let site = Site::new(driver);
    let kind = EngineErrorKind::Full;
    let fail = |calls| {
        let working = (0..calls).map(|_| None);
        site.store.plan(working.chain([Some(Fault::Before(kind))]));
    };
    let credential = site.verifier.context().new_totp("alice").unwrap();
    fail(0);
    failed(site.verifier.enroll(&site.alice, &credential), kind);
    site.verifier.enroll(&site.alice, &credential).unwrap();
    let first = crate::site::Phone::of(&credential).code(NOW);
    for calls in 0..2 {
        fail(calls);
        failed(site.verifier.confirm(&site.alice, &first), kind);
    }
    fail(0);
    failed(site.verifier.confirm(&site.alice, "malformed"), kind);
    assert!(!site.verifier.status(&site.alice).unwrap().confirmed());
    let _ = accepted(site.verifier.confirm(&site.alice, &first).unwrap());
    fail(0);
    failed(site.verifier.resync(&site.alice, ["123456", "234567"], 9), kind);
    fail(0);
    failed(site.verifier.status(&site.alice), kind);
    fail(0);
    failed(site.verifier.unlock(site.alice.account()), kind);
    fail(0);
    failed(site.verifier.remove(&site.alice), kind);
    let sealing = OtpContext::new().with_wallet(crate::site::wallet("2026"));
    let sealing = site.tolerant_beside(sealing);
    for calls in 0..2 {
        fail(calls);
        failed(sealing.reseal(&site.alice), kind);
    }
    assert!(sealing.status(&site.alice).unwrap().tag().is_none());
}

fn failing_clock_or_entropy_is_an_error(driver: Driver) {
    let site = Site::new(driver);
    let phone = site.enrolled(totp());
    let stopped = OtpContext::new().with_clock(|| Err(ClockError));
    let store = std::sync::Arc::clone(&site.store);
    let verifier = crate::driver::verifier(driver, store, stopped, VerifierOptions::new()).unwrap();
    let answer = verifier.verify(&site.alice, &phone.code(NOW));
    assert!(matches!(answer, Err(Error::Context(otp_context::Error::Clock(_)))));

    let empty = OtpContext::new().with_entropy(|_| Err(EntropyError::Unavailable));
    let store = std::sync::Arc::clone(&site.store);
    let answer = crate::driver::verifier(driver, store, empty, VerifierOptions::new());
    assert!(matches!(answer.err(), Some(Error::Context(otp_context::Error::Entropy(_)))));
    assert_eq!(site.failures(), 0);
}
