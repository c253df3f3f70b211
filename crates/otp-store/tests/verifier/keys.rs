use std::sync::Arc;

use otp_context::OtpContext;
use otp_context::wallet::Reseal;
use otp_store::{
    CredentialId, Error, Memory, RecordText, Resealed, Store, Verdict, Verifier, VerifierOptions,
};
use otp_uri::OtpKind;

use crate::lives::Meddler;
use crate::site::{NOW, Phone, Server, Site, accepted, totp, wallet, wallet_of};

fn sealed(current: &str) -> OtpContext {
    OtpContext::new().with_wallet(wallet(current))
}

/// Returns the reason why a code was not compared.
#[track_caller]
fn not_compared(answer: Result<Verdict, Error>) -> Error {
    match answer {
        Err(Error::NotCompared(why)) => *why,
        other => panic!("{other:?}"),
    }
}

/// Returns the tag that encrypted a key. The check must change nothing.
#[track_caller]
fn checked(site: &Site, verifier: &Server) -> Option<String> {
    let before = site.stored();
    let tag = verifier.check_key(&site.alice).unwrap();
    assert_eq!(site.stored(), before);
    tag.map(|tag| tag.to_string())
}

#[test]
fn context_without_wallet_needs_the_plain_key_option() {
    let verifier =
        |context: OtpContext| Verifier::new(Memory::new(1), context, VerifierOptions::new());
    let refused = verifier(OtpContext::new());
    assert!(matches!(refused, Err(Error::Context(otp_context::Error::NoWallet))));
    assert!(verifier(OtpContext::new().with_plain_keys()).is_ok());
    assert!(verifier(sealed("2026").with_plain_keys()).is_ok());
}

#[test]
fn key_is_encrypted_and_reencrypted_under_the_current_secret() {
    let site = Site::sealed("2025");
    let credential = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&site.alice, &credential).unwrap();
    let text = site.stored().record;
    for key in [credential.secret().reveal_base32(), credential.secret().reveal_hex()] {
        assert!(!text.as_str().to_lowercase().contains(&key.as_str().to_lowercase()));
    }
    let phone = Phone::of(&credential);
    assert_eq!(accepted(site.confirm(&phone.code(NOW))).reseal(), None);
    assert_eq!(site.status().tag().unwrap().as_str(), "2025");
    assert_eq!(site.verifier.reseal(&site.alice).unwrap(), Resealed::NotDue);
    assert_eq!(site.stored().record, text);

    let newer = site.beside_sealed("2026");
    site.at(60);
    let verdict = newer.verify(&site.alice, &phone.code(NOW + 60)).unwrap();
    assert_eq!(accepted(verdict).reseal(), Some(Reseal::Tag));
    assert_eq!(checked(&site, &newer).as_deref(), Some("2025"));
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::Done);
    assert_eq!(checked(&site, &newer).as_deref(), Some("2026"));
    assert_eq!(site.status().tag().unwrap().as_str(), "2026");
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::NotDue);
    site.at(120);
    let _ = accepted(newer.verify(&site.alice, &phone.code(NOW + 120)).unwrap());
    assert!(matches!(newer.check_key(&site.named("tablet")), Err(Error::Unknown)));
}

#[test]
fn plain_key_is_encrypted_later() {
    let site = Site::new();
    let phone = site.enrolled(totp());
    assert!(site.status().tag().is_none());
    assert_eq!(site.verifier.reseal(&site.alice).unwrap(), Resealed::NotDue);

    // Without the option plain-text keys are refused, since anyone with write access could have
    // inserted one.
    let strict = site.beside_sealed("2026");
    site.at(60);
    let answer = strict.verify(&site.alice, &phone.code(NOW + 60));
    assert!(matches!(not_compared(answer), Error::PlainKey));
    // Nor are they encrypted, which would make them acceptable.
    let before = site.stored();
    assert!(matches!(strict.reseal(&site.alice), Err(Error::PlainKey)));
    assert!(matches!(strict.check_key(&site.alice), Err(Error::PlainKey)));
    assert_eq!(site.stored(), before);

    let sealing = site.beside(sealed("2026").with_plain_keys());
    assert_eq!(checked(&site, &sealing), None);
    let verdict = sealing.verify(&site.alice, &phone.code(NOW + 60)).unwrap();
    assert_eq!(accepted(verdict).reseal(), Some(Reseal::Plain));
    let before = site.stored();
    assert_eq!(sealing.reseal(&site.alice).unwrap(), Resealed::Done);
    let mut after = site.stored();
    assert_ne!(after.record, before.record);
    after.record = before.record.clone();
    assert_eq!(after, before, "more than the record has changed");
    site.at(120);
    let verdict = strict.verify(&site.alice, &phone.code(NOW + 120)).unwrap();
    assert_eq!(accepted(verdict).reseal(), None);
    // The server without a wallet cannot open the key any more.
    let answer = site.verifier.verify(&site.alice, &phone.code(NOW + 150));
    assert!(matches!(not_compared(answer), Error::Context(otp_context::Error::NoWallet)));
}

/// Another server replaces the record between the read and the write.
#[test]
fn reseal_does_not_undo_an_enrolment() {
    let store = Arc::new(Meddler::new());
    let context = sealed("2025");
    let alice = CredentialId::new("alice").unwrap();
    let old = Verifier::new(Arc::clone(&store), context.clone(), VerifierOptions::new()).unwrap();
    old.enroll(&alice, &context.new_totp("alice").unwrap()).unwrap();

    let (id, another) = (alice.clone(), context.new_totp("alice").unwrap());
    store.after("find", move |memory| {
        let other = Verifier::new(memory, sealed("2025"), VerifierOptions::new()).unwrap();
        other.enroll(&id, &another).unwrap();
    });
    let newer = Verifier::new(store, sealed("2026"), VerifierOptions::new()).unwrap();
    assert_eq!(newer.reseal(&alice).unwrap(), Resealed::Lost);
    let status = newer.status(&alice).unwrap();
    assert_eq!(status.tag().unwrap().as_str(), "2025", "the new record is replaced");
    assert_eq!(newer.reseal(&alice).unwrap(), Resealed::Done);
}

/// Another application has an account with the same name, and even the same wallet.
#[test]
fn another_secret_or_application_opens_no_key() {
    let site = Site::sealed("2026");
    let own = || site.beside_sealed("2026").with_namespace("shop").unwrap();
    let credential = own().context().new_totp("alice").unwrap();
    own().import(&site.alice, &credential).unwrap();
    let typed = Phone::of(&credential).code(NOW);
    let mut others: Vec<_> =
        ["blog", "shopp", ""].map(|it| site.beside_sealed("2026").with_namespace(it)).into();
    for secrets in [
        "2024: Wm3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy",
        "2026: Zm3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy",
    ] {
        let context = OtpContext::new().with_wallet(wallet_of(&secrets[..4], secrets));
        others.push(site.beside(context).with_namespace("shop"));
    }
    for other in others.into_iter().map(Result::unwrap) {
        for typed in [&typed, "123456"] {
            let why = not_compared(other.verify(&site.alice, typed));
            assert!(matches!(why, Error::Context(otp_context::Error::Wallet(_))));
        }
        assert!(matches!(other.reseal(&site.alice), Err(Error::Context(_))));
        assert!(matches!(other.check_key(&site.alice), Err(Error::Context(_))));
    }
    let accepted = accepted(own().verify(&site.alice, &typed).unwrap());
    assert_eq!(accepted.failures_before(), 0, "an attempt without a comparison costs a failure");
    assert_eq!(own().reseal(&site.alice).unwrap(), Resealed::NotDue);
    assert!(own().check_key(&site.alice).unwrap().is_some());
}

/// An attacker with write access puts another record in place of alice's.
#[test]
fn damaged_or_swapped_record_is_an_error() {
    let (site, steam) = (Site::sealed("2026"), Site::sealed("2026"));
    let phone = site.enrolled(totp());
    let _ = steam.enroll(OtpKind::Steam);
    let own = site.verifier.context().new_totp("mallory").unwrap();
    let swapped = [CredentialId::new("mallory").unwrap(), site.named("spare")].map(|id| {
        site.verifier.enroll(&id, &own).unwrap();
        (Store::find(&*site.store, &id).unwrap().unwrap().record, false)
    });
    let original = site.stored().record;
    let text = original.as_str();
    let texts = ["", "{}", "null", &text[..text.len() / 2], &text.repeat(2)];
    let damaged = texts.map(|text| RecordText::new(text.to_owned())).into_iter();
    // The key is alice's, and its codes have another length.
    let damaged = damaged.chain([steam.stored().record]).map(|record| (record, true));
    site.at(600);
    for (record, damaged) in damaged.chain(swapped) {
        site.put(&record);
        let refuses = |why: Error| match why {
            Error::Corrupt("record") => damaged,
            Error::Context(otp_context::Error::Wallet(_)) => !damaged,
            _ => false,
        };
        for phone in [&phone, &Phone::of(&own)] {
            let answer = site.verifier.verify(&site.alice, &phone.code(NOW + 600));
            assert!(refuses(not_compared(answer)));
        }
        assert!(refuses(site.verifier.check_key(&site.alice).unwrap_err()));
        assert_eq!(site.stored().account.throttle.failures(), 0, "it costs an attempt");
    }
    site.put(&original);
    let _ = accepted(site.verify(&phone.code(NOW + 600)));
}
