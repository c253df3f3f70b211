//! Requests to a store as a verifier makes them: the values have no other constructors.

use otp_context::recovery::{RecoveryCodeSize, RecoveryOwner, RecoverySet};
use otp_context::{Credential, OtpContext};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime, Window};
use otp_store::{Attempt, ChargeRequest, Entry, RecordText, SpendRequest, VerifierOptions};
use otp_uri::OtpKind;

fn begin(typed: &str, now: u64, options: &VerifierOptions) -> Attempt {
    let context = OtpContext::new();
    Attempt::begin(&context, &[typed], UnixTime::from_secs(now), options).unwrap().unwrap()
}

pub(crate) fn charge(
    options: &VerifierOptions,
    now: u64,
    length: usize,
    confirmed: bool,
) -> ChargeRequest {
    let typed = if length == 5 { "R9X2P" } else { &"1234567890"[..length] };
    let attempt = begin(typed, now, options);
    let attempt = if confirmed { attempt } else { attempt.confirming() };
    attempt.charge().unwrap()
}

fn credential(kind: OtpKind) -> Credential {
    OtpContext::new().import(kind, Secret::new(b"12345678901234567890").unwrap())
}

/// Returns the charge and the spend of one attempt at an HOTP credential.
pub(crate) fn attempt(
    options: &VerifierOptions,
    now: u64,
    counter: u64,
    confirms: bool,
) -> (ChargeRequest, SpendRequest) {
    let options = options.with_look_ahead(0);
    let kind = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::default(), counter };
    let credential = credential(kind);
    let code = credential.hotp().unwrap().generate(counter).text().to_string();
    let attempt = begin(&code, now, &options);
    let attempt = if confirms { attempt.confirming() } else { attempt };
    let charge = attempt.charge().unwrap();
    (charge, *attempt.evaluate(&credential, 7, 0).unwrap().spend())
}

/// Returns the spend of an attempt of its own, for TOTP if the drift is not 0.
pub(crate) fn spend(generation: u64, counter: u64, drift: i16) -> SpendRequest {
    let digits = Digits::new(8).unwrap();
    let options = VerifierOptions::new().with_look_ahead(0);
    let matched = if drift == 0 {
        let kind = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits, counter };
        let credential = credential(kind);
        let code = credential.hotp().unwrap().generate(counter).text().to_string();
        begin(&code, 0, &options).evaluate(&credential, generation, 0)
    } else {
        // The clock's known drift is that of the code.
        let kind = OtpKind::Totp {
            algorithm: Algorithm::Sha1,
            digits,
            period: Period::from_secs(1).unwrap(),
        };
        let credential = credential(kind);
        let code = credential.totp().unwrap().hotp().generate(counter).text().to_string();
        let now = counter.checked_add_signed(-i64::from(drift)).unwrap();
        let options = options
            .with_window(Window::new(0, 0))
            .with_drift(drift.unsigned_abs().try_into().unwrap());
        begin(&code, now, &options).evaluate(&credential, generation, drift)
    };
    let spend = *matched.unwrap().spend();
    assert_eq!((spend.counter(), spend.drift()), (counter, drift));
    spend
}

pub(crate) fn entry(record: &str, generation: u64, next: u64, hotp: bool) -> Entry {
    let mut entry = Entry::new(RecordText::new(record.to_owned()), hotp, 6, generation);
    entry.next = next;
    entry
}

/// Returns a new set of recovery codes of an account, without a key.
pub(crate) fn codes(account: &str) -> RecoverySet {
    let context = OtpContext::new().with_plain_keys();
    let owner = RecoveryOwner::new(account);
    context.new_recovery_codes(owner, RecoveryCodeSize::Long).unwrap().1
}
