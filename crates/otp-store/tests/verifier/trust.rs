use core::time::Duration;

use otp_context::OtpContext;
use otp_core::UnixTime;
use otp_store::{
    AccountCopy, AccountId, CredentialId, Distrust, Error, Store, TrustVerdict, Verdict,
    VerifierOptions,
};

use crate::site::{NOW, Phone, Server, Site, accepted, hotp, totp, wallet_of};

const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn site() -> (Site, Phone) {
    let site = Site::sealed("2026");
    let phone = site.enrolled(totp());
    site.at(60);
    (site, phone)
}

/// Returns a site, alice's phone, and the token of her browser.
fn trusting() -> (Site, Phone, String) {
    let (site, phone) = site();
    let token = trust(&site, &phone);
    (site, phone, token)
}

/// Logs Alice in, and returns the token of her browser.
fn trust(site: &Site, phone: &Phone) -> String {
    let proof = accepted(site.verify(&phone.code(site.now())));
    site.verifier.trust(&proof).unwrap().reveal().to_owned()
}

fn trusted(site: &Site, token: &str) -> Result<UnixTime, Distrust> {
    judged(&site.verifier, site.alice.account(), token)
}

fn judged(verifier: &Server, account: &AccountId, token: &str) -> Result<UnixTime, Distrust> {
    match verifier.trusted(account, token, MONTH).unwrap() {
        TrustVerdict::Trusted(trusted) => {
            assert_eq!(trusted.account(), account);
            Ok(trusted.since())
        }
        TrustVerdict::Distrusted(why) => Err(why),
    }
}

#[test]
fn browser_is_trusted_until_its_age_and_from_fifteen_minutes_before() {
    let (site, phone) = site();
    site.at(10_000);
    let token = trust(&site, &phone);
    assert!(token.len() <= 210, "{}", token.len());
    let cookie = |char: char| char.is_ascii_alphanumeric() || "~_.-".contains(char);
    assert!(token.chars().all(cookie), "{token}");
    let (since, month) = (Ok(UnixTime::from_secs(NOW + 10_000)), MONTH.as_secs());
    for (seconds, expected) in [
        (10_000, since),
        (10_001, since),
        (10_000 + month, since),
        (10_001 + month, Err(Distrust::Expired)),
        // The clock is set back.
        (9_100, since),
        (9_099, Err(Distrust::Forged)),
        (0, Err(Distrust::Forged)),
    ] {
        site.at(seconds);
        assert_eq!(trusted(&site, &token), expected, "{seconds}");
    }
}

#[test]
fn every_change_of_the_token_is_refused() {
    let (site, _, token) = trusting();
    for (place, bit) in (0..token.len()).flat_map(|place| (0..7).map(move |bit| (place, bit))) {
        let mut bytes = token.clone().into_bytes();
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        // Another tag is that of no secret of the wallet.
        let refused = trusted(&site, &changed).unwrap_err();
        assert!(matches!(refused, Distrust::Forged | Distrust::Expired), "{changed}: {refused:?}");
    }
    let time = (NOW + 60).to_string();
    for changed in [
        String::new(),
        token[1..].to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}0"),
        format!("{token}~"),
        token.replace(&time, &format!("0{time}")),
        token.replace(&time, &format!("+{time}")),
        token.to_uppercase(),
        "~".repeat(1_000_000),
    ] {
        assert_eq!(trusted(&site, &changed), Err(Distrust::Forged), "{changed:.300}");
    }
    assert!(trusted(&site, &token).is_ok());
}

#[test]
fn token_of_another_account_or_namespace_is_forged() {
    let (site, _, token) = trusting();
    // Bob has the same factors.
    let bob = CredentialId::new("bob").unwrap();
    let entry = Store::find(&*site.store, &site.alice).unwrap().unwrap();
    assert!(Store::insert(&*site.store, &bob, &entry).unwrap());
    assert_eq!(judged(&site.verifier, bob.account(), &token), Err(Distrust::Forged));
    let shop = site.beside_sealed("2026").with_namespace("shop").unwrap();
    assert_eq!(judged(&shop, site.alice.account(), &token), Err(Distrust::Forged));
    let unknown = AccountId::new("unknown").unwrap();
    assert_eq!(judged(&site.verifier, &unknown, &token), Err(Distrust::Forged));
}

#[test]
fn change_of_factors_ends_trust() {
    let (site, phone) = site();
    let account = site.alice.account();
    let tablet = site.named("tablet");
    let mut token = trust(&site, &phone);
    let mut seconds = 60;
    let mut changed = |change: &dyn Fn()| {
        assert!(trusted(&site, &token).is_ok());
        change();
        assert_eq!(trusted(&site, &token), Err(Distrust::FactorsChanged));
        seconds += 60;
        site.at(seconds);
        token = trust(&site, &phone);
    };
    let credential = site.verifier.context().new_totp("alice").unwrap();
    changed(&|| site.verifier.import(&tablet, &credential).unwrap());
    changed(&|| site.verifier.remove(&tablet).unwrap());
    changed(&|| drop(site.verifier.replace_recovery_codes(account).unwrap()));
    changed(&|| drop(site.verifier.replace_recovery_codes(account).unwrap()));
    changed(&|| site.verifier.remove_recovery_codes(account).unwrap());
    // A credential that is not confirmed yet is no factor. Enrolled again, it is another one.
    site.verifier.enroll(&tablet, &credential).unwrap();
    assert!(trusted(&site, &token).is_ok());
    let code = Phone::of(&credential).code(site.now());
    assert!(matches!(site.verifier.confirm(&tablet, &code).unwrap(), Verdict::Accepted(_)));
    assert_eq!(trusted(&site, &token), Err(Distrust::FactorsChanged));
    site.at(1000);
    let token = trust(&site, &phone);
    site.verifier.remove(&tablet).unwrap();
    site.verifier.import(&tablet, &credential).unwrap();
    assert_eq!(trusted(&site, &token), Err(Distrust::FactorsChanged));
    // And without a factor there is no trust.
    site.verifier.remove(&tablet).unwrap();
    site.verifier.remove(&site.alice).unwrap();
    assert!(trusted(&site, &token).is_err());
}

#[test]
fn reencryption_and_a_lock_do_not_end_trust() {
    let (site, phone, token) = trusting();
    let account = site.alice.account();
    let later = site.beside_sealed("2025");
    assert_eq!(later.reseal(&site.alice).unwrap(), otp_store::Resealed::Done);
    assert!(judged(&later, account, &token).is_ok());
    for _ in 0..4 {
        drop(site.verify(&phone.wrong(site.now())));
    }
    assert!(matches!(site.verify(&phone.code(site.now())), Verdict::Locked(_)));
    assert!(trusted(&site, &token).is_ok());
}

#[test]
fn trust_is_revoked() {
    let (site, phone) = site();
    let account = site.alice.account();
    let token = trust(&site, &phone);
    site.verifier.revoke_trust(account).unwrap();
    assert_eq!(trusted(&site, &token), Err(Distrust::Revoked));
    site.at(120);
    let again = trust(&site, &phone);
    assert!(trusted(&site, &again).is_ok());
    site.verifier.unlock(account).unwrap();
    assert_eq!(trusted(&site, &token), Err(Distrust::Revoked));
    assert!(trusted(&site, &again).is_ok());
    let unknown = AccountId::new("unknown").unwrap();
    assert!(matches!(site.verifier.revoke_trust(&unknown), Err(Error::Unknown)));
}

#[test]
fn dropped_secret_ends_trust() {
    let (site, _, token) = trusting();
    for (secret, why) in [
        ("2027: 9m3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy", Distrust::Expired),
        // Another secret under the same tag.
        ("2026: 9m3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy", Distrust::Forged),
    ] {
        let only = OtpContext::new().with_wallet(wallet_of(&secret[..4], secret));
        assert_eq!(judged(&site.beside(only), site.alice.account(), &token), Err(why));
    }
}

#[test]
fn trust_needs_a_wallet() {
    let site = Site::new();
    let phone = site.enrolled(totp());
    let proof = accepted(site.at(60).verify(&phone.code(NOW + 60)));
    assert!(matches!(site.verifier.trust(&proof), Err(Error::Context(_))));
    let judged = site.verifier.trusted(site.alice.account(), "1~2", MONTH);
    assert!(matches!(judged, Err(Error::Context(_))));
}

/// The longest tag, time and epoch fit.
#[test]
fn longest_token_is_read() {
    let tag = "t".repeat(64);
    let secret = format!("{tag}: 9m3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy");
    let context = OtpContext::new().with_wallet(wallet_of(&tag, &secret));
    let site = Site::with(context, VerifierOptions::new());
    let phone = site.at(u64::MAX - NOW).enrolled(hotp(0));
    let (store, account) = (&*site.store, site.alice.account());
    let copy = Store::copy(store, account).unwrap().unwrap();
    let mut state = *copy.account();
    state.trust_epoch = (1 << 53) - 2;
    let late = AccountCopy::new(account.clone(), state, copy.credentials().to_vec(), None);
    assert!(Store::remove(store, &site.alice).unwrap());
    assert!(Store::restore(store, &late.unwrap().unwrap()).unwrap());
    let proof = accepted(site.verify(&phone.code(1)));
    let token = site.verifier.trust(&proof).unwrap();
    assert!(trusted(&site, token.reveal()).is_ok(), "{}", token.reveal().len());
}
