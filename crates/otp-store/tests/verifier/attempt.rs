//! An attempt makes the same requests and verdicts as its parts.

use otp_context::replay::{Drift, ThrottlePolicy, WindowTooWide};
use otp_context::{Credential, EntropyError, OtpContext};
use otp_core::{Algorithm, CodeFormat, Digits, Rejected, Secret, UnixTime, Window};
use otp_store::{Attempt, VerifierOptions};
use otp_uri::OtpKind;
use proptest::prelude::*;

const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

fn context() -> OtpContext {
    OtpContext::new().with_clock(|| Ok(NOW))
}

fn credential(kind: OtpKind) -> Credential {
    context().import(kind, Secret::new(b"12345678901234567890").unwrap())
}

fn hotp(counter: u64) -> Credential {
    credential(OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter })
}

fn at(credential: &Credential, step: u64) -> String {
    let code = match credential.totp() {
        Some(totp) => totp.hotp().generate(step),
        None => credential.hotp().unwrap().generate(step),
    };
    code.text().to_string()
}

#[test]
fn text_of_no_code_format_begins_no_attempt() {
    let begins = |typed| {
        Attempt::begin(&context(), &[typed], NOW, &VerifierOptions::new()).unwrap().is_some()
    };
    for typed in ["123456", "1234567", "12 34-56 78", "123456789", "1234567890", "R9X2P", "r9x2p"] {
        assert!(begins(typed), "{typed}");
    }
    for typed in ["", "1234", "12345", "12345678901", "12345x", "１２３４５６", "AEIOU", "R9X2PK"]
    {
        assert!(!begins(typed), "{typed}");
    }
}

#[test]
fn codes_of_different_lengths_begin_no_attempt() {
    let begins = |typed: [&str; 2]| {
        Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().is_some()
    };
    assert!(begins(["123456", "654 321"]));
    assert!(!begins(["123456", "12345678"]));
    assert!(!begins(["123456", "12345x"]));
}

#[test]
fn charge_has_the_policies_for_the_typed_length() {
    let charge = |typed, options: VerifierOptions| {
        Attempt::begin(&context(), &[typed], NOW, &options).unwrap().unwrap().charge()
    };
    let six = charge("123456", VerifierOptions::new()).unwrap();
    assert_eq!((six.now(), six.length(), six.confirmed()), (NOW, 6, true));
    let first =
        Attempt::begin(&context(), &["123456"], NOW, &VerifierOptions::new()).unwrap().unwrap();
    assert_ne!(first.charge().unwrap().attempt(), six.attempt());
    assert!(!first.confirming().charge().unwrap().confirmed());
    assert_eq!((six.totp_policy().limit(), six.hotp_policy().limit()), (33, 16));
    let followed = charge("123456", VerifierOptions::new().with_drift(1)).unwrap();
    assert_eq!(followed.totp_policy().limit(), 16, "two windows are searched");
    let eight = charge("12345678", VerifierOptions::new()).unwrap();
    assert_eq!((eight.length(), eight.totp_policy().limit()), (8, 100));
    let nist =
        charge("123456", VerifierOptions::new().with_policy(ThrottlePolicy::nist())).unwrap();
    assert_eq!(
        (nist.totp_policy(), nist.hotp_policy()),
        (&ThrottlePolicy::nist(), &ThrottlePolicy::nist())
    );

    let wide = VerifierOptions::new().with_look_ahead(100);
    assert!(matches!(charge("123456", wide), Err(WindowTooWide)));
    assert!(charge("12345678", wide).is_ok());
}

#[test]
fn attempt_without_entropy_fails() {
    let context = context().with_entropy(|_| Err(EntropyError::Unavailable));
    let attempt = Attempt::begin(&context, &["123456"], NOW, &VerifierOptions::new());
    assert_eq!(attempt.unwrap_err(), EntropyError::Unavailable);
}

#[test]
fn attempts_have_different_ids() {
    let totp = credential(OtpKind::default());
    let typed = at(&totp, NOW.as_secs() / 30);
    let spend = || {
        let attempt =
            Attempt::begin(&context(), &[&typed], NOW, &VerifierOptions::new()).unwrap().unwrap();
        *attempt.evaluate(&totp, 7, 0).unwrap().spend()
    };
    let (one, other) = (spend(), spend());
    assert_ne!(one.attempt(), other.attempt());
    assert_eq!((one.generation(), one.counter(), one.next()), (7, 56_666_667, 56_666_668));
}

#[test]
fn only_a_confirming_attempt_confirms() {
    let totp = credential(OtpKind::default());
    let typed = at(&totp, NOW.as_secs() / 30);
    let attempt =
        || Attempt::begin(&context(), &[&typed], NOW, &VerifierOptions::new()).unwrap().unwrap();
    let confirms = |attempt: Attempt| attempt.evaluate(&totp, 7, 0).unwrap().spend().confirms();
    assert!(confirms(attempt().confirming()));
    assert!(!confirms(attempt()));
}

/// A phone that was six steps fast sets its clock. Its codes are accepted again, and none twice.
#[test]
fn corrected_clock_is_accepted_and_drift_forgotten() {
    let totp = credential(OtpKind::default());
    let step = NOW.as_secs() / 30;
    let options = VerifierOptions::new().with_drift(20);
    let judge = |typed: u64, next: u64| {
        let record = totp.to_plain_record().unwrap().with_next(next);
        let totp = context().open(&record, otp_context::wallet::KeyOwner::new("a", "b")).unwrap();
        let attempt =
            Attempt::begin(&context(), &[&at(&totp, typed)], NOW, &options).unwrap().unwrap();
        attempt.evaluate(&totp, 0, 6).map(|matched| (matched.drift(), matched.spend().drift()))
    };
    assert_eq!(judge(step, 0), Ok((0, 0)));
    assert_eq!(judge(step + 6, 0), Ok((6, 6)));
    // Counters that it spent while it was fast stay spent.
    assert_eq!(judge(step, step + 6), Err(Rejected::Replayed));
    assert_eq!(judge(step + 3, 0), Err(Rejected::Mismatch));
}

#[test]
fn codes_in_a_row_resynchronise_a_clock_within_the_reach() {
    let totp = credential(OtpKind::default());
    let step = NOW.as_secs() / 30;
    let drift_after = |off: u64, bound: u8| {
        let typed = [at(&totp, step - off), at(&totp, step - off + 1)];
        let options = VerifierOptions::new().with_drift(bound);
        let typed = [typed[0].as_str(), typed[1].as_str()];
        let attempt = Attempt::begin(&context(), &typed, NOW, &options).unwrap().unwrap();
        attempt.evaluate_run(&totp, 0, 100).map(|matched| {
            assert_eq!(matched.counter(), step - off + 1);
            (matched.drift(), matched.spend().drift())
        })
    };
    assert_eq!(drift_after(11, 20), Ok((-10, -10)));
    assert_eq!(drift_after(41, 20), Ok((-40, -20)));
    assert_eq!(drift_after(41, 0), Ok((-40, 0)));
    assert_eq!(drift_after(150, 20), Err(Rejected::Mismatch));
}

#[test]
fn codes_in_a_row_resynchronise_a_counter() {
    let mut token = hotp(3);
    let typed = [at(&token, 700), at(&token, 701)];
    let typed = [typed[0].as_str(), typed[1].as_str()];
    let attempt = |reach| {
        let attempt =
            Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().unwrap();
        attempt.evaluate_run(&token, 0, reach).map(|matched| matched.counter())
    };
    assert_eq!(attempt(1000), Ok(701));
    assert_eq!(attempt(600), Err(Rejected::Mismatch));
    token = hotp(701);
    let attempt =
        Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().unwrap();
    assert!(attempt.evaluate_run(&token, 0, 1000).is_err(), "the first counter is spent");
}

#[test]
fn counter_from_the_caller_is_checked() {
    let token = hotp(3);
    let typed = [at(&token, 70_000), at(&token, 70_001)];
    let typed = [typed[0].as_str(), typed[1].as_str()];
    let attempt = |named| {
        let attempt =
            Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().unwrap();
        let matched = attempt.evaluate_found(&token, 7, |_, codes, next| {
            assert_eq!((codes.len(), next), (2, 3));
            named
        });
        matched.map(|matched| (matched.counter(), matched.drift(), matched.spend().generation()))
    };
    assert_eq!(attempt(Some(70_001)), Ok((70_001, 69_998, 7)));
    for wrong in [None, Some(0), Some(3), Some(70_000), Some(70_002), Some(u64::MAX)] {
        assert_eq!(attempt(wrong), Err(Rejected::Mismatch), "{wrong:?}");
    }
    let spent = hotp(70_001);
    let attempt =
        Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().unwrap();
    let matched = attempt.evaluate_found(&spent, 0, |_, _, _| Some(70_001));
    assert_eq!(matched.unwrap_err(), Rejected::Mismatch, "the first counter is spent");

    let totp = credential(OtpKind::default());
    let attempt =
        Attempt::begin(&context(), &typed, NOW, &VerifierOptions::new()).unwrap().unwrap();
    let matched = attempt.evaluate_found(&totp, 0, |_, _, _| unreachable!());
    assert_eq!(matched.unwrap_err(), Rejected::Mismatch, "TOTP has no counter to find");
}

#[test]
fn codes_are_evaluated_in_their_own_format() {
    let steam = credential(OtpKind::Steam);
    let typed = at(&steam, NOW.as_secs() / 30);
    let attempt =
        Attempt::begin(&context(), &[&typed], NOW, &VerifierOptions::new()).unwrap().unwrap();
    assert_eq!(attempt.format(), CodeFormat::Steam);
    assert!(attempt.evaluate(&steam, 0, 0).is_ok());

    let typed = at(&credential(OtpKind::default()), NOW.as_secs() / 30);
    let attempt =
        Attempt::begin(&context(), &[&typed], NOW, &VerifierOptions::new()).unwrap().unwrap();
    assert_eq!(attempt.evaluate(&steam, 0, 0), Err(Rejected::Mismatch));
}

proptest! {
    #[test]
    fn totp_verdict_is_that_of_the_generator(
        typed in -30_i64..30,
        behind in 0_u8..6,
        ahead in 0_u8..6,
        stored in -12_i16..12,
        bound in 0_u8..10,
        spent in -8_i64..8,
    ) {
        let expected = NOW.as_secs() / 30;
        let shifted = |by: i64| expected.checked_add_signed(by).unwrap();
        let totp = credential(OtpKind::default());
        let record = totp.to_plain_record().unwrap().with_next(shifted(spent));
        let totp = context().open(&record, otp_context::wallet::KeyOwner::new("a", "b")).unwrap();
        let text = at(&totp, shifted(typed));
        let window = Window::new(behind, ahead);
        let options = VerifierOptions::new()
            .with_window(window)
            .with_drift(bound)
            .with_policy(ThrottlePolicy::nist());
        let attempt = Attempt::begin(&context(), &[&text], NOW, &options).unwrap().unwrap();
        let judged = attempt.evaluate(&totp, 9, stored);

        let mut drift = Drift::resume(stored, bound);
        let code = totp.totp().unwrap().parse(&text).unwrap();
        let known = drift.steps();
        match totp.totp().unwrap().verify_with_drift(code, NOW, known, window, shifted(spent)) {
            Ok(hit) => {
                drift.learn(&hit);
                let matched = judged.unwrap();
                prop_assert_eq!(matched.counter(), hit.counter());
                prop_assert_eq!(matched.drift(), hit.drift());
                prop_assert_eq!(matched.spend().drift(), drift.steps());
                prop_assert_eq!(matched.spend().generation(), 9);
                prop_assert!(drift.steps().unsigned_abs() <= bound.into());
            }
            Err(rejected) => prop_assert_eq!(judged.unwrap_err(), rejected),
        }
    }

    #[test]
    fn hotp_verdict_is_that_of_the_generator(typed in 0_u64..30, next in 0_u64..20, ahead in 0_u8..12) {
        let token = hotp(next);
        let text = at(&token, typed);
        let options = VerifierOptions::new().with_look_ahead(ahead).with_policy(ThrottlePolicy::nist());
        let attempt = Attempt::begin(&context(), &[&text], NOW, &options).unwrap().unwrap();
        let judged = attempt.evaluate(&token, 0, 5).map(|matched| {
            (matched.counter(), matched.drift(), matched.spend().drift())
        });
        let code = token.hotp().unwrap().parse(&text).unwrap();
        let hit = token.hotp().unwrap().verify(code, next, Window::new(1, ahead));
        prop_assert_eq!(judged, hit.map(|hit| (hit.counter(), hit.drift(), 0)));
    }
}

#[test]
fn attempt_id_is_printed_in_hex() {
    let id = otp_store::AttemptId::from_bytes(
        *b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\n\x0b\x0c\r\x0e\x0f",
    );
    assert_eq!(format!("{id:?}"), "AttemptId(000102030405060708090a0b0c0d0e0f)");
}
