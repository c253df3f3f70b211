//! The story of docs/guide/tutorial.md. Each block of the page is here, without its surroundings.
#![cfg(feature = "sqlite")]
#![cfg(test)]
#![allow(clippy::panic_in_result_fn, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use otp_store::{
    Algorithm, ApplicationSecrets, Credential, CredentialId, Memory, OtpContext, RecoveryCodeSize,
    RecoveryVerdict, Sqlite, Totp, UnixTime, Verdict, Verifier, VerifierOptions, Wallet,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const PAGE: &str = include_str!("../../../docs/guide/tutorial.md");
const STORY: &str = include_str!("tutorial.rs");
const URI: &str = "otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Every line of text, without its indentation.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_block_of_the_page_is_run_here() {
    let blocks: Vec<_> = PAGE.split("```rust,ignore\n").skip(1).collect();
    assert_eq!(blocks.len(), 7);
    for block in blocks {
        let block = flat(block.split_once("```").unwrap().0);
        assert!(flat(STORY).contains(&block), "{block}");
    }
}

fn enrolled(context: OtpContext, options: VerifierOptions) -> (Verifier<Memory>, Credential) {
    let context = context.with_plain_keys();
    let verifier = Verifier::new(Memory::new(1000), context, options).unwrap();
    let credential = verifier.context().from_uri(URI).unwrap();
    verifier.import(&alice(), &credential).unwrap();
    (verifier, credential)
}

fn alice() -> CredentialId {
    CredentialId::new("user-4711").unwrap()
}

fn code(totp: &Totp, seconds: u64) -> String {
    totp.generate(UnixTime::from_secs(seconds)).code().text().to_string()
}

#[test]
fn both_sides_compute_the_code() -> Outcome {
    let key = b"12345678901234567890"; // the example of the standard
    let totp = Totp::new(Algorithm::Sha1, key)?;
    let token = totp.generate(UnixTime::from_secs(59));
    assert_eq!(token.code().text().as_str(), "287082");
    assert_eq!(token.counter(), 1); // 59 s / 30 s: the second step since 1970
    Ok(())
}

#[test]
fn first_code_confirms() -> Outcome {
    let context = OtpContext::new().with_plain_keys();
    let context = context.with_issuer("Example"); // the name that the app shows
    let store = Memory::new(1000);
    let verifier = Verifier::new(store, context, VerifierOptions::new())?;
    let alice = CredentialId::new("user-4711")?;

    let credential = verifier.context().new_totp("alice@example.com")?;
    verifier.enroll(&alice, &credential)?;
    // otpauth://totp/Example:alice@…?secret=…
    let uri = credential.key_uri()?.to_string();

    let typed = credential.token()?.code().text().to_string(); // what the app shows
    assert!(matches!(verifier.confirm(&alice, &typed)?, Verdict::Accepted(_)));
    assert!(uri.starts_with("otpauth://totp/Example:alice@example.com?secret="));
    Ok(())
}

#[test]
fn each_code_works_once() -> Outcome {
    let (verifier, credential) = enrolled(OtpContext::new(), VerifierOptions::new());
    let (alice, typed) = (alice(), credential.token()?.code().text().to_string());

    let verdict = verifier.verify(&alice, &typed)?;
    let Verdict::Accepted(accepted) = verdict else { panic!() };
    assert_eq!(accepted.failures_before(), 0);

    // The attacker types the code that Alice has used.
    let verdict = verifier.verify(&alice, &typed)?;
    let Verdict::Rejected(rejection) = verdict else { panic!() };
    assert_eq!(rejection.reason().name(), "replayed"); // for the log
    assert_eq!(rejection.to_string(), "code not accepted"); // for the user
    Ok(())
}

#[test]
fn guessing_ends() -> Outcome {
    let context = OtpContext::new().with_clock(|| Ok(UnixTime::from_secs(59)));
    let (verifier, credential) = enrolled(context, VerifierOptions::new());
    let (alice, totp) = (alice(), credential.totp().unwrap());
    let (right, guesses) = (code(totp, 59), [1, 2, 3, 4].map(|it| code(totp, it * 9000)));

    for guess in &guesses {
        let verdict = verifier.verify(&alice, guess)?;
        assert!(matches!(verdict, Verdict::Rejected(_)));
    }
    let verdict = verifier.verify(&alice, &right)?;
    let Verdict::Locked(throttle) = verdict else { panic!() };
    assert_eq!(throttle.retry_after(verifier.context().now()?), Some(30));
    Ok(())
}

#[test]
fn clock_is_followed() -> Outcome {
    let clock = Arc::new(AtomicU64::new(1_800_000_000));
    let hand = Arc::clone(&clock);
    let context = OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(hand.load(Relaxed))));
    let options = VerifierOptions::new().with_drift(4); // up to four steps, two minutes
    let (verifier, credential) = enrolled(context, options);
    let (alice, phone) = (alice(), credential.totp().unwrap());
    let now = || clock.load(Relaxed);
    let a_month_passes = || clock.fetch_add(2_592_000, Relaxed);

    for steps in [1, 2, 3] {
        let typed = code(phone, now() + 30 * steps); // the phone is ahead
        let verdict = verifier.verify(&alice, &typed)?;
        let Verdict::Accepted(accepted) = verdict else { panic!() };
        assert_eq!(accepted.drift(), i32::try_from(steps)?);
        a_month_passes();
    }
    Ok(())
}

#[test]
fn recovery_code_works_once() -> Outcome {
    let context = OtpContext::new().with_clock(|| Ok(UnixTime::from_secs(59)));
    // Without a wallet the codes need 24 symbols.
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let (verifier, credential) = enrolled(context, options);
    let (alice, typed) = (alice(), code(credential.totp().unwrap(), 59));

    let verdict = verifier.verify(&alice, &typed)?;
    let Verdict::Accepted(accepted) = verdict else { panic!() };
    let codes = verifier.new_recovery_codes(&accepted)?;
    let mut printed = codes.iter().map(|code| code.reveal());

    // One of them, as people type it.
    let typed = printed.next().ok_or("no code")?.as_str().to_lowercase();
    let verdict = verifier.recover(alice.account(), &typed)?;
    let RecoveryVerdict::Accepted(recovered) = verdict else { panic!() };
    assert_eq!(recovered.left(), 9);
    let verdict = verifier.recover(alice.account(), &typed)?;
    assert!(matches!(verdict, RecoveryVerdict::Rejected(_)));
    Ok(())
}

#[test]
fn keys_are_encrypted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("otp.db");
    let secrets = "2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";

    let secrets = ApplicationSecrets::parse(secrets)?;
    let wallet = Wallet::new("2026".parse()?, &secrets)?; // or Wallet::open(…)
    let context = OtpContext::new().with_wallet(wallet);
    let store = Sqlite::create(&path)?;
    let verifier = Verifier::new(store, context, VerifierOptions::new())?;
    let alice = alice();
    verifier.enroll(&alice, &verifier.context().new_totp("alice@example.com")?)?;
    let status = verifier.status(&alice)?;
    assert_eq!(status.tag().map(|tag| tag.as_str()), Some("2026"));
    Ok(())
}
