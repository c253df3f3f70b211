use otp_context::OtpContext;
use otp_context::wallet::{ApplicationSecrets, Reseal, Wallet};
use otp_store::{
    Entry, Error, Memory, RecordText, Resealed, Store, Verdict, Verifier, VerifierOptions,
};

use crate::driver::{Driver, Verify};
use crate::site::{NOW, Site, accepted, totp, wallet};

crate::scenarios![
    keys_are_encrypted_and_opened,
    plain_key_is_encrypted_later,
    old_key_is_reencrypted_under_the_current_secret,
    reseal_does_not_undo_an_enrolment,
    wallet_without_the_secret_opens_no_key,
    swapped_records_do_not_open,
    record_of_another_application_does_not_open,
    damaged_record_is_an_error,
];

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
fn checked(site: &Site, verifier: &dyn Verify) -> Option<String> {
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
    let context = OtpContext::new();
    let verifier = Verifier::new(Memory::new(1), context.clone(), VerifierOptions::new());
    assert!(matches!(verifier, Err(Error::Context(otp_context::Error::NoWallet))));
    assert!(
        Verifier::new(Memory::new(1), context.with_plain_keys(), VerifierOptions::new()).is_ok()
    );
    let context = sealed("2026");
    assert!(
        Verifier::new(Memory::new(1), context.with_plain_keys(), VerifierOptions::new()).is_ok()
    );
}

fn keys_are_encrypted_and_opened(driver: Driver) {
    let site = Site::with(driver, sealed("2026"), VerifierOptions::new());
    let credential = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&site.alice, &credential).unwrap();
    let text = stored(&site).record;
    for key in [credential.secret().reveal_base32(), credential.secret().reveal_hex()] {
        assert!(!text.as_str().to_lowercase().contains(&key.as_str().to_lowercase()));
    }
    let phone = crate::site::Phone::of(&credential);
    let verdict = site.verifier.confirm(&site.alice, &phone.code(NOW)).unwrap();
    assert_eq!(accepted(verdict).reseal(), None);
    let status = site.verifier.status(&site.alice).unwrap();
    assert_eq!(status.tag().unwrap().as_str(), "2026");
    assert_eq!(checked(&site, &*site.verifier).as_deref(), Some("2026"));
    assert_eq!(site.verifier.reseal(&site.alice).unwrap(), Resealed::NotDue);
    assert_eq!(stored(&site).record, text);
    let bob = otp_store::CredentialId::new("bob").unwrap();
    assert!(matches!(site.verifier.check_key(&bob), Err(Error::Unknown)));
}

fn plain_key_is_encrypted_later(driver: Driver) {
    let site = Site::new(driver);
    let phone = site.enrolled(totp());
    assert!(site.verifier.status(&site.alice).unwrap().tag().is_none());
    assert_eq!(site.verifier.reseal(&site.alice).unwrap(), Resealed::NotDue);

    // Without the option plain-text keys are refused, since anyone with write access could have
    // inserted one.
    let strict = site.beside(sealed("2026"), VerifierOptions::new());
    site.at(60);
    let answer = strict.verify(&site.alice, &phone.code(NOW + 60));
    assert!(matches!(not_compared(answer), Error::PlainKey));
    // Nor are they encrypted, which would make them acceptable.
    let before = stored(&site);
    assert!(matches!(strict.reseal(&site.alice), Err(Error::PlainKey)));
    assert!(matches!(strict.check_key(&site.alice), Err(Error::PlainKey)));
    assert_eq!(stored(&site), before);

    let sealing = site.tolerant_beside(sealed("2026"));
    assert_eq!(checked(&site, &*sealing), None);
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

fn old_key_is_reencrypted_under_the_current_secret(driver: Driver) {
    let site = Site::with(driver, sealed("2025"), VerifierOptions::new());
    let phone = site.enrolled(totp());
    let newer = site.beside(sealed("2026"), VerifierOptions::new());
    site.at(60);
    let verdict = newer.verify(&site.alice, &phone.code(NOW + 60)).unwrap();
    assert_eq!(accepted(verdict).reseal(), Some(Reseal::Tag));
    assert_eq!(checked(&site, &*newer).as_deref(), Some("2025"));
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::Done);
    assert_eq!(newer.status(&site.alice).unwrap().tag().unwrap().as_str(), "2026");
    assert_eq!(newer.reseal(&site.alice).unwrap(), Resealed::NotDue);
    site.at(120);
    let _ = accepted(newer.verify(&site.alice, &phone.code(NOW + 120)).unwrap());
}

/// Another server replaces the record between the read and the write.
fn reseal_does_not_undo_an_enrolment(driver: Driver) {
    use std::sync::Arc;

    use crate::lives::{Meddler, Waited};

    let store = Arc::new(Meddler::new());
    let context = sealed("2025");
    let alice = otp_store::CredentialId::new("alice").unwrap();
    let old = Verifier::new(Arc::clone(&store), context.clone(), VerifierOptions::new()).unwrap();
    let credential = context.new_totp("alice").unwrap();
    old.enroll(&alice, &credential).unwrap();

    let another = context.new_totp("alice").unwrap();
    let (id, meddling) = (alice.clone(), VerifierOptions::new());
    store.after_reading(move |memory| {
        let other = Verifier::new(memory, sealed("2025"), meddling).unwrap();
        other.enroll(&id, &another).unwrap();
    });
    let waited = Waited(Arc::clone(&store));
    let newer =
        crate::driver::verifier(driver, waited, sealed("2026"), VerifierOptions::new()).unwrap();
    assert_eq!(newer.reseal(&alice).unwrap(), Resealed::Lost);
    assert_eq!(
        newer.status(&alice).unwrap().tag().unwrap().as_str(),
        "2025",
        "the new record is replaced"
    );
    assert_eq!(newer.reseal(&alice).unwrap(), Resealed::Done);
}

fn wallet_without_the_secret_opens_no_key(driver: Driver) {
    let site = Site::with(driver, sealed("2026"), VerifierOptions::new());
    let phone = site.enrolled(totp());
    site.at(60);
    let typed = phone.code(NOW + 60);
    let other_tag = "2024: Wm3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy";
    let other_secret = "2026: Zm3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy";
    for (tag, secrets) in [("2024", other_tag), ("2026", other_secret)] {
        let wallet =
            Wallet::new(tag.parse().unwrap(), &ApplicationSecrets::parse(secrets).unwrap())
                .unwrap();
        let wrong = site.beside(OtpContext::new().with_wallet(wallet), VerifierOptions::new());
        for answer in [wrong.verify(&site.alice, &typed), wrong.verify(&site.alice, "123456")] {
            assert!(matches!(not_compared(answer), Error::Context(otp_context::Error::Wallet(_))));
        }
        assert!(matches!(wrong.reseal(&site.alice), Err(Error::Context(_))));
        assert!(matches!(wrong.check_key(&site.alice), Err(Error::Context(_))));
    }
    assert_eq!(site.failures(), 0, "an attempt without a comparison costs a failure");
    let accepted_ = accepted(site.at(120).verify(&phone.code(NOW + 120)));
    assert_eq!(accepted_.failures_before(), 0);
}

/// An attacker with write access puts another record in place of alice's.
fn swapped_records_do_not_open(driver: Driver) {
    let site = Site::with(driver, sealed("2026"), VerifierOptions::new());
    let phone = site.enrolled(totp());
    let mallory = otp_store::CredentialId::new("mallory").unwrap();
    let spare = site.alice.clone().with_name("spare").unwrap();
    let own = site.verifier.context().new_totp("mallory").unwrap();
    site.verifier.enroll(&mallory, &own).unwrap();
    site.verifier.enroll(&spare, &own).unwrap();
    let memory = site.store.store();
    let other = |id| Store::find(memory, id).unwrap().unwrap().record;
    let original = stored(&site).record;
    site.at(60);
    let typed = crate::site::Phone::of(&own).code(NOW + 60);
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

/// Another application has an account with the same name and the same wallet.
fn record_of_another_application_does_not_open(driver: Driver) {
    use std::sync::Arc;

    use crate::driver::namespaced;

    let at = |context: OtpContext| {
        context.with_clock(|| Ok(otp_core::UnixTime::from_secs(NOW))).with_wallet(wallet("2026"))
    };
    let alice = otp_store::CredentialId::new("alice").unwrap();
    let [shop, blog] = [0, 1].map(|_| Arc::new(Memory::new(1)));
    let own = |namespace: &str| {
        namespaced(driver, Arc::clone(&shop), at(OtpContext::new()), namespace).unwrap()
    };
    let credential = own("shop").context().new_totp("alice").unwrap();
    own("shop").import(&alice, &credential).unwrap();
    Store::insert(&blog, &alice, &Store::find(&shop, &alice).unwrap().unwrap()).unwrap();

    let typed = crate::site::Phone::of(&credential).code(NOW);
    for namespace in ["blog", "shopp", ""] {
        let other =
            namespaced(driver, Arc::clone(&blog), at(OtpContext::new()), namespace).unwrap();
        let answer = other.verify(&alice, &typed);
        assert!(matches!(not_compared(answer), Error::Context(otp_context::Error::Wallet(_))));
        assert!(matches!(other.reseal(&alice), Err(Error::Context(_))));
        assert!(matches!(other.check_key(&alice), Err(Error::Context(_))));
    }
    let _ = accepted(own("shop").verify(&alice, &typed).unwrap());
    assert_eq!(own("shop").reseal(&alice).unwrap(), Resealed::NotDue);
    assert!(own("shop").check_key(&alice).unwrap().is_some());
}

fn damaged_record_is_an_error(driver: Driver) {
    let site = Site::new(driver);
    let phone = site.enrolled(totp());
    let memory = site.store.store();
    site.at(600);
    let good = stored(&site).record;
    let steam = site.beside(OtpContext::new(), VerifierOptions::new());
    let other = otp_store::CredentialId::new("other").unwrap();
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
