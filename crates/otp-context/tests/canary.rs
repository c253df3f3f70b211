//! A secret that is recognised wherever it turns up, and does not.
#![cfg(test)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

use std::fmt::Debug;

use otp_context::recovery::{RecoveryCode, RecoveryCodeSize, RecoveryOwner, SealedRecoveryKey};
use otp_context::wallet::passlib::{PasslibKey, PasslibWallet};
use otp_context::wallet::{
    ApplicationSecret, ApplicationSecrets, KeyOwner, SealedKey, Tag, Wallet,
};
use otp_context::{EntropyError, OtpContext, Record, StoredKey, Tolerance};
use otp_core::{Secret, UnixTime};
use otp_uri::OtpKind;

const CANARY: &str = "canary-in-a-coal-mine-3141592653";
/// The code that the canary's first ten bytes make.
const RECOVERY_CODE: &str = "CDGP-WRBJ-F4PP-JVHD";
const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone");

/// The ways to write the canary, and the code of the day.
fn traces() -> Vec<String> {
    let numbers = |text: &str, most| {
        text.bytes().take(most).map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
    };
    vec![
        CANARY.to_lowercase(),
        secret().reveal_base32().as_str().to_lowercase(),
        secret().reveal_hex().as_str().to_owned(),
        numbers(CANARY, 8),
        context().import(OtpKind::default(), secret()).token().unwrap().code().text().to_string(),
        RECOVERY_CODE.to_lowercase(),
        RECOVERY_CODE.to_lowercase().replace('-', ""),
        numbers(RECOVERY_CODE, 4),
    ]
}

fn leaks(text: &str) -> bool {
    let text = text.to_lowercase();
    traces().iter().any(|trace| text.contains(trace))
}

/// `Debug` shows no secret, and begins with a name or as a map.
fn silent(shown: &impl Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(!leaks(&text), "{text}");
        assert!(text.starts_with(|first: char| first.is_uppercase() || first == '{'), "{text}");
    }
}

fn silent_error<T>(refused: Result<T, impl std::error::Error>) {
    let error = refused.err().unwrap();
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(next) = source {
        text.push_str(&format!("{next} {next:?}"));
        source = next.source();
    }
    assert!(!leaks(&text), "{text}");
}

fn context() -> OtpContext {
    OtpContext::new().with_clock(|| Ok(UnixTime::from_secs(1_700_000_000)))
}

fn secret() -> Secret {
    Secret::new(CANARY.as_bytes()).unwrap()
}

fn secrets() -> ApplicationSecrets {
    ApplicationSecrets::parse(&format!("1: {CANARY}")).unwrap()
}

fn wallet(secrets: &ApplicationSecrets) -> Wallet {
    Wallet::new("1".parse().unwrap(), secrets).unwrap()
}

#[test]
fn nothing_that_is_shown_has_the_secret() {
    let wallet = wallet(&secrets());
    let passlib = PasslibWallet::new(secrets()).unwrap().with_cost(2).unwrap();
    let sealed = wallet.seal(&secret(), OtpKind::default(), ALICE, otp_context::fill).unwrap();
    silent(&sealed);
    assert!(!leaks(&sealed.to_string()));
    silent(&wallet.unseal(&sealed, OtpKind::default(), ALICE).unwrap());
    let encrypted = passlib.seal(&secret(), otp_context::fill).unwrap();
    silent(&encrypted);
    silent(&passlib.open(&encrypted).unwrap());
    silent(&ApplicationSecret::new(CANARY).unwrap());
    silent(&secrets());
    silent(&wallet);
    silent(&passlib);

    let context = context().with_wallet(wallet).with_passlib_wallet(passlib);
    silent(&context);
    let mut credential = context.import(OtpKind::default(), secret()).with_account("alice");
    silent(&credential);
    silent(&credential.to_plain_record().unwrap());
    silent(&credential.seal(ALICE).unwrap());
    silent(&credential.seal_for_passlib().unwrap());
    let uri = credential.key_uri().unwrap();
    silent(&uri);
    let uri = uri.to_string();
    silent(&context.from_uri(&uri).unwrap());
    let token = credential.token().unwrap();
    silent(&token);
    silent(&credential.consume(token.code().text().as_str(), Tolerance::new()).unwrap());
    silent(&credential);
}

/// Takes entropy from the canary, for the key and for each code.
fn canary_entropy(buffer: &mut [u8]) -> Result<(), EntropyError> {
    buffer.iter_mut().zip(CANARY.bytes()).for_each(|(slot, byte)| *slot = byte);
    Ok(())
}

#[test]
fn nothing_of_recovery_codes_that_is_shown_has_a_secret() {
    let wallet = wallet(&secrets());
    let context = context().with_wallet(wallet).with_entropy(canary_entropy);
    let owner = RecoveryOwner::new("alice");
    let (codes, set) = context.new_recovery_codes(owner, RecoveryCodeSize::Standard).unwrap();
    let code = codes.iter().next().unwrap();
    assert_eq!(code.reveal().as_str(), RECOVERY_CODE);
    silent(&codes);
    silent(code);
    silent(&code.reveal());
    silent(&set);
    assert!(!leaks(&set.key().unwrap().to_string()));
    let key = context.open_recovery_key(set.key(), owner, set.id()).unwrap();
    silent(&key);
    silent(&key.digest(code));

    for text in [format!("{RECOVERY_CODE}!"), format!("{RECOVERY_CODE}0"), CANARY.repeat(9)] {
        silent_error(RecoveryCode::parse(&text));
        silent_error(format!("$otp-recovery${text}").parse::<SealedRecoveryKey>());
    }
    silent_error(context.open_recovery_key(set.key(), RecoveryOwner::new(CANARY), set.id()));
}

/// The control: what reveals on purpose, and a structure that derives `Debug` over the bytes.
#[test]
fn control_the_canary_is_recognised() {
    #[derive(Debug)]
    struct Careless {
        #[expect(dead_code, reason = "only shown")]
        key: Vec<u8>,
    }
    assert!(leaks(secret().reveal_base32().as_str()));
    assert!(leaks(secret().reveal_hex().as_str()));
    assert!(leaks(&format!("{:?}", Careless { key: CANARY.into() })));
    let credential = context().import(OtpKind::default(), secret()).with_account("alice");
    let uri = credential.key_uri().unwrap().to_string();
    assert!(leaks(&uri));
    assert!(leaks(&format!("{:?}", Some(uri.as_str()))));
    let code = RecoveryCode::parse(RECOVERY_CODE).unwrap();
    assert!(leaks(code.reveal().as_str()));
    assert!(leaks(&format!("{:?}", Careless { key: RECOVERY_CODE.into() })));
    assert!(leaks(credential.token().unwrap().code().text().as_str()));
}

#[test]
fn no_error_repeats_its_input() {
    let context = context();
    let long = CANARY.repeat(9);
    let mut credential = context.new_totp("alice").unwrap();
    let other = ApplicationSecrets::parse(&format!("1: not-{CANARY}")).unwrap();
    let (wallet, other) = (wallet(&secrets()), wallet(&other));
    let sealed = wallet.seal(&secret(), OtpKind::default(), ALICE, otp_context::fill).unwrap();
    let record = Record::new(OtpKind::default(), StoredKey::Sealed(sealed.clone()));

    silent_error(credential.consume(CANARY, Tolerance::new()));
    silent_error(credential.consume("000000", Tolerance::new()));
    silent_error(context.from_uri(CANARY));
    silent_error(context.from_uri(&format!("otpauth://totp/a?secret={CANARY}")));
    silent_error(context.open(&record, ALICE));
    silent_error(other.unseal(&sealed, OtpKind::default(), ALICE));
    silent_error(wallet.unseal(&sealed, OtpKind::default(), KeyOwner::new(CANARY, "")));
    silent_error(format!("{CANARY}:").parse::<Tag>());
    silent_error(ApplicationSecrets::parse(CANARY));
    silent_error(ApplicationSecrets::parse(&format!("!: {CANARY}")));
    silent_error(ApplicationSecrets::parse(&format!("1: {CANARY}\n1: {CANARY}")));
    let twice = ApplicationSecrets::parse(&format!("1: {CANARY}\n2: {CANARY}")).unwrap();
    silent_error(Wallet::new("1".parse().unwrap(), &twice));
    silent_error(CANARY.parse::<SealedKey>());
    silent_error(format!("$otp${long}").parse::<SealedKey>());
    silent_error(PasslibKey::from_fields(1, 4, "1", CANARY, CANARY));
    silent_error(PasslibKey::from_fields(1, 4, CANARY, "", "!"));
    silent_error(ApplicationSecrets::from_file(CANARY));
}
