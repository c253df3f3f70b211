//! An attempt makes the same requests and verdicts as its parts.

use otp_context::replay::{Drift, ThrottlePolicy, WindowTooWide};
use otp_context::{Credential, EntropyError, OtpContext};
use otp_core::{Algorithm, Digits, Rejected, Secret, UnixTime, Window};
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

fn begun<const N: usize>(typed: [&str; N], options: &VerifierOptions) -> Option<Attempt<N>> {
    Attempt::begin(&context(), &typed, NOW, options).unwrap()
}

fn begin<const N: usize>(typed: [&str; N]) -> Attempt<N> {
    begun(typed, &VerifierOptions::new()).unwrap()
}

#[test]
fn text_of_no_code_format_begins_no_attempt() {
    let begins = |typed| begun([typed], &VerifierOptions::new()).is_some();
    for typed in ["123456", "1234567", "12 34-56 78", "123456789", "1234567890", "R9X2P", "r9x2p"] {
        assert!(begins(typed), "{typed}");
    }
    for typed in ["", "1234", "12345", "12345678901", "12345x", "１２３４５６", "AEIOU", "R9X2PK"]
    {
        assert!(!begins(typed), "{typed}");
    }
    // Codes of one length.
    let begins = |typed: [&str; 2]| begun(typed, &VerifierOptions::new()).is_some();
    assert!(begins(["123456", "654 321"]));
    assert!(!begins(["123456", "12345678"]) && !begins(["123456", "12345x"]));

    let empty = context().with_entropy(|_| Err(EntropyError::Unavailable));
    let attempt = Attempt::begin(&empty, &["123456"], NOW, &VerifierOptions::new());
    assert_eq!(attempt.unwrap_err(), EntropyError::Unavailable);
}

#[test]
fn charge_has_the_policies_for_the_typed_length() {
    let charge = |typed, options| begun([typed], &options).unwrap().charge();
    let limits = |typed, options| {
        let charge = charge(typed, options).unwrap();
        (charge.length(), charge.totp_policy().limit(), charge.hotp_policy().limit())
    };
    let options = VerifierOptions::new;
    let six = charge("123456", options()).unwrap();
    assert_eq!((six.now(), six.confirmed()), (NOW, true));
    assert_ne!(begin(["123456"]).charge().unwrap().attempt(), six.attempt());
    assert_eq!(limits("123456", options()), (6, 33, 16));
    assert_eq!(limits("123456", options().with_window(Window::new(2, 2))), (6, 19, 16));
    assert_eq!(limits("123456", options().with_drift(1)), (6, 16, 16), "two windows are searched");
    assert_eq!(limits("12345678", options()), (8, 100, 100));
    let nist = charge("123456", options().with_policy(ThrottlePolicy::nist())).unwrap();
    let policies = (nist.totp_policy(), nist.hotp_policy());
    assert_eq!(policies, (&ThrottlePolicy::nist(), &ThrottlePolicy::nist()));

    let wide = options().with_look_ahead(100);
    assert!(matches!(charge("123456", wide), Err(WindowTooWide)));
    assert!(charge("12345678", wide).is_ok());
}

#[test]
fn counter_from_the_caller_is_checked() {
    let token = hotp(3);
    let typed = [at(&token, 70_000), at(&token, 70_001)];
    let typed = typed.each_ref().map(String::as_str);
    let attempt = |named| {
        let matched = begin(typed).evaluate_found(&token, 7, |_, codes, next| {
            assert_eq!((codes.len(), next), (2, 3));
            named
        });
        matched.map(|matched| (matched.counter(), matched.drift(), matched.spend().generation()))
    };
    assert_eq!(attempt(Some(70_001)), Ok((70_001, 69_998, 7)));
    for wrong in [None, Some(0), Some(3), Some(70_000), Some(70_002), Some(u64::MAX)] {
        assert_eq!(attempt(wrong), Err(Rejected::Mismatch), "{wrong:?}");
    }
    let matched = begin(typed).evaluate_found(&hotp(70_001), 0, |_, _, _| Some(70_001));
    assert_eq!(matched.unwrap_err(), Rejected::Mismatch, "the first counter is spent");
    let totp = credential(OtpKind::default());
    let matched = begin(typed).evaluate_found(&totp, 0, |_, _, _| unreachable!());
    assert_eq!(matched.unwrap_err(), Rejected::Mismatch, "TOTP has no counter to find");
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
        confirms: bool,
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
        let attempt = begun([&text], &options).unwrap();
        let attempt = if confirms { attempt.confirming() } else { attempt };
        let charge = attempt.charge().unwrap();
        prop_assert_eq!(charge.confirmed(), !confirms);
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
                let spend = matched.spend();
                prop_assert_eq!((spend.attempt(), spend.generation()), (charge.attempt(), 9));
                prop_assert_eq!((spend.next(), spend.confirms()), (hit.counter() + 1, confirms));
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
        let attempt = begun([&text], &options).unwrap();
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
