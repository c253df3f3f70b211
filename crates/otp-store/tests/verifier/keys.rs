use std::sync::Arc;

use otp_context::OtpContext;
use otp_context::wallet::{ApplicationSecrets, Reseal, Wallet};
use otp_store::{
    CredentialId, Entry, Error, Memory, RecordText, Resealed, Store, Verdict, Verifier,
    VerifierOptions,
};

use crate::lives::Meddler;
use crate::site::{NOW, Phone, Server, Site, accepted, totp, wallet};

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
    let before = stored(site);
    let tag = verifier.check_key(&site.alice).unwrap();
    assert_eq!(stored(site), before);
    tag.map(|tag| tag.to_string())
}

fn stored(site: &Site) -> Entry {
    Store::find(site.store.store(), &site.alice).unwrap().unwrap()
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
fn keys_are_encrypted_and_opened() {
    let site = Site::sealed("2026");
    let credential = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&site.alice, &credential).unwrap();
    let text = stored(&site).record;
    for key in [credential.secret().reveal_base32(), credential.secret().reveal_hex()] {
        assert!(!text.as_str().to_lowercase().contains(&key.as_str().to_lowercase()));
    }
    let phone = Phone::of(&credential);
    let verdict = site.confirm(&phone.code(NOW));
    assert_eq!(accepted(verdict).reseal(), None);
    let status = site.status();
    assert_eq!(status.tag().unwrap().as_str(), "2026");
    assert_eq!(checked(&site, &site.verifier).as_deref(), Some("2026"));
    assert_eq!(site.verifier.reseal(&site.alice).unwrap(), Resealed::NotDue);
    assert_eq!(stored(&site).record, text);
    let bob = CredentialId::new("bob").unwrap();
    assert!(matches!(site.verifier.check_key(&bob), Err(Error::Unknown)));
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
    let before = stored(&site);
    assert!(matches!(strict.reseal(&site.alice), Err(Error::PlainKey)));
    assert!(matches!(strict.check_key(&site.alice), Err(Error::PlainKey)));
    assert_eq!(stored(&site), before);

    let sealing = site.beside(sealed("2026").with_plain_keys());
    assert_eq!(checked(&site, &sealing), None);
    let verdict = sealing.verify(&site.alice, &phone.code(NOW + 60)).unwrap();
    assert_eq!(accepted(verdict).reseal(), Some(Reseal::Plain));
    let before = stored(&site);
    assert_eq!(sealing.reseal(&site.alice).unwrap(), Resealed::Done);
    let mut after = stored(&site);
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

#[test]
fn old_key_is_reencrypted_under_the_current_secret() {
    let site = Site::sealed("2025");
    let phone = site.enrolled(totp());
    let newer = site.beside_sealed("2026");
    site.at(60);
    let verdict = newer.verify(&site.alice, &phone.code(NOW + 60)).unwrap();
    assert_eq!(accepted(verdict).reseal(), Some(Reseal::Tag));
    assert_eq!(checked(&site, &newer).as_deref(), Some("2025"));
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::Done);
    assert_eq!(newer.status(&site.alice).unwrap().tag().unwrap().as_str(), "2026");
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::NotDue);
    site.at(120);
    let _ = accepted(newer.verify(&site.alice, &phone.code(NOW + 120)).unwrap());
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
        let tag = secrets[..4].parse().unwrap();
        let wallet = Wallet::new(tag, &ApplicationSecrets::parse(secrets).unwrap()).unwrap();
        let other = site.beside(OtpContext::new().with_wallet(wallet));
        others.push(other.with_namespace("shop"));
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
fn swapped_records_do_not_open() {
    let site = Site::sealed("2026");
    let phone = site.enrolled(totp());
    let mallory = CredentialId::new("mallory").unwrap();
    let spare = site.named("spare");
    let own = site.verifier.context().new_totp("mallory").unwrap();
    site.verifier.enroll(&mallory, &own).unwrap();
    site.verifier.enroll(&spare, &own).unwrap();
    let memory = site.store.store();
    let other = |id| Store::find(memory, id).unwrap().unwrap().record;
    let original = stored(&site).record;
    site.at(60);
    let typed = Phone::of(&own).code(NOW + 60);
    for record in [other(&mallory), other(&spare)] {
        let now = stored(&site).record;
        assert!(Store::reseal(memory, &site.alice, &now, &record).unwrap());
        let answer = site.verifier.verify(&site.alice, &typed);
        assert!(matches!(not_compared(answer), Error::Context(otp_context::Error::Wallet(_))));
    }
    let now = stored(&site).record;
    assert!(Store::reseal(memory, &site.alice, &now, &original).unwrap());
    let _ = accepted(site.verify(&phone.code(NOW + 60)));
}

#[test]
fn damaged_record_is_an_error() {
    let site = Site::new();
    let phone = site.enrolled(totp());
    let memory = site.store.store();
    site.at(600);
    let good = stored(&site).record;
    let steam = site.beside(OtpContext::new());
    let other = CredentialId::new("other").unwrap();
    let credential = steam.context().new_credential("other", otp_uri::OtpKind::Steam, 20).unwrap();
    steam.enroll(&other, &credential).unwrap();
    let of_another_length = Store::find(memory, &other).unwrap().unwrap().record;
    let half = good.as_str()[..good.as_str().len() / 2].to_owned();
    let twice = format!("{0}{0}", good.as_str());
    let damaged = ["", "{}", "null", &half, &twice].map(|text| RecordText::new(text.to_owned()));
    for record in damaged.into_iter().chain([of_another_length]) {
        let now = stored(&site).record;
        assert!(Store::reseal(memory, &site.alice, &now, &record).unwrap());
        let answer = site.verifier.verify(&site.alice, &phone.code(NOW + 600));
        assert!(matches!(not_compared(answer), Error::Corrupt("record")));
        let checked = site.verifier.check_key(&site.alice);
        assert!(matches!(checked, Err(Error::Corrupt("record"))));
        assert_eq!(stored(&site).account.throttle.failures(), 0, "a damaged record costs attempts");
    }
    let now = stored(&site).record;
    assert!(Store::reseal(memory, &site.alice, &now, &good).unwrap());
    let _ = accepted(site.verify(&phone.code(NOW + 600)));
}
