//! Requests to a store as verifiers make them.

use otp_context::recovery::{RecoveryCodeSize, RecoveryOwner, RecoverySet};
use otp_context::replay::ThrottlePolicy;
use otp_context::{Credential, OtpContext};
use otp_core::{Secret, UnixTime, Window};
use otp_store::{
    Attempt, ChargeRequest, CredentialId, Entry, RecordText, SpendRequest, VerifierOptions,
};
use otp_uri::OtpKind;

pub(crate) fn id(account: &str) -> CredentialId {
    CredentialId::new(account).unwrap()
}

/// Returns a credential without a confirmed code.
pub(crate) fn entry(generation: u64) -> Entry {
    let record = RecordText::new(format!("{{\"record\":{generation}}}"));
    Entry::new(record, false, 6, generation)
}

/// Returns a charge with a code of this length.
pub(crate) fn charge(
    confirmed: bool,
    length: usize,
    now: u64,
    policy: ThrottlePolicy,
) -> ChargeRequest {
    let (options, now) = (VerifierOptions::new().with_policy(policy), UnixTime::from_secs(now));
    let typed = if length == 5 { "R9X2P" } else { "1234567890".get(..length).unwrap() };
    let attempt = Attempt::begin(&OtpContext::new(), &[typed], now, &options).unwrap().unwrap();
    if confirmed { attempt.charge().unwrap() } else { attempt.confirming().charge().unwrap() }
}

/// Returns a set of recovery codes.
pub(crate) fn recovery_set(id: &CredentialId) -> RecoverySet {
    let owner = RecoveryOwner::new(id.account().as_str());
    let context = OtpContext::new().with_plain_keys();
    context.new_recovery_codes(owner, RecoveryCodeSize::Long).unwrap().1
}

/// Returns the spend of a counter by an attempt of its own.
pub(crate) fn spend(generation: u64, counter: u64, drift: i16) -> SpendRequest {
    let context = OtpContext::new();
    let secret = Secret::new(b"12345678901234567890").unwrap();
    let totp: Credential = context.import(OtpKind::default(), secret);
    let typed = totp.totp().unwrap().hotp().generate(counter).text().to_string();
    let options = VerifierOptions::new().with_window(Window::new(0, 0)).with_drift(100);
    let now = counter.saturating_add_signed(-i64::from(drift)).saturating_mul(30);
    let attempt =
        Attempt::begin(&context, &[&typed], UnixTime::from_secs(now), &options).unwrap().unwrap();
    let spend = *attempt.evaluate(&totp, generation, drift).unwrap().spend();
    assert_eq!((spend.counter(), spend.drift()), (counter, drift));
    spend
}
