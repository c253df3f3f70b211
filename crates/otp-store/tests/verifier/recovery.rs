use otp_context::OtpContext;
use otp_context::recovery::{RecoveryCode, RecoveryCodeSize, RecoveryCodes};
use otp_context::replay::Lock;
use otp_core::{Digits, Rejected, UnixTime, Window};
use otp_store::conformance::Fault;
use otp_store::{
    AccountId, AnyVerdict, CredentialId, EngineErrorKind, Error, Reason, Recovered,
    RecoveryVerdict, Resealed, Store, Verdict, VerifierOptions,
};

use crate::driver::{Driver, Verify};
use crate::site::{NOW, Site, accepted, rejected, totp, wallet};

crate::scenarios![
    each_recovery_code_works_once,
    proof_makes_codes_for_five_minutes,
    first_code_of_a_second_credential_is_no_proof,
    proof_of_a_removed_credential_is_refused,
    options_for_codes_do_not_bind_recovery_codes,
    new_codes_replace_the_old_ones,
    malformed_recovery_code_costs_nothing,
    guesses_at_codes_and_recovery_codes_are_one_count,
    codes_of_another_account_or_namespace_are_rejected,
    swapped_set_is_an_error,
    any_code_is_told_apart_by_its_shape,
    lost_reply_of_a_recovery_is_repeated,
    recovery_key_is_reencrypted,
    codes_without_a_wallet_have_24_symbols,
    recovery_moves_no_counter_and_confirms_nothing,
];

fn site(driver: Driver) -> Site {
    Site::with(driver, OtpContext::new().with_wallet(wallet("2026")), VerifierOptions::new())
}

fn texts(codes: &RecoveryCodes) -> Vec<String> {
    codes.iter().map(|code| code.reveal().as_str().to_owned()).collect()
}

fn made(verifier: &dyn Verify, account: &AccountId) -> Vec<String> {
    texts(&verifier.replace_recovery_codes(account).unwrap())
}

#[track_caller]
fn recovered(verdict: RecoveryVerdict) -> Recovered {
    match verdict {
        RecoveryVerdict::Accepted(recovered) => recovered,
        other => panic!("not accepted: {other:?}"),
    }
}

#[track_caller]
fn reason(verdict: RecoveryVerdict) -> Reason {
    match verdict {
        RecoveryVerdict::Rejected(rejection) => rejection.reason(),
        other => panic!("not rejected: {other:?}"),
    }
}

const MISMATCH: Reason = Reason::Code(Rejected::Mismatch);
const REPLAYED: Reason = Reason::Code(Rejected::Replayed);

fn each_recovery_code_works_once(driver: Driver) {
    let site = site(driver);
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    for (left, code) in (0..10).rev().zip(&codes) {
        let typed = format!(" {} ", code.to_lowercase().replace('-', "\u{2013} "));
        let recovered = recovered(site.verifier.recover(account, &typed).unwrap());
        assert_eq!((recovered.account(), recovered.left()), (account, left));
        assert_eq!(recovered.at(), UnixTime::from_secs(NOW));
        assert_eq!(reason(site.verifier.recover(account, code).unwrap()), REPLAYED);
        site.verifier.unlock(account).unwrap();
    }
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), Some(0));
}

fn proof_makes_codes_for_five_minutes(driver: Driver) {
    let site = site(driver);
    let phone = site.enrolled(totp());
    site.at(600);
    let proof = accepted(site.verify(&phone.code(NOW + 600)));
    site.at(900);
    let codes = texts(&site.verifier.new_recovery_codes(&proof).unwrap());
    let _ = recovered(site.verifier.recover(site.alice.account(), &codes[3]).unwrap());
    for seconds in [901, 299, 100_000] {
        site.at(seconds);
        let refused = site.verifier.new_recovery_codes(&proof);
        assert!(matches!(refused, Err(Error::OldProof)), "{seconds}: {refused:?}");
    }
    assert_eq!(site.verifier.recovery_codes_left(site.alice.account()).unwrap(), Some(9));
}

/// With a session alone an attacker could enrol an authenticator, and confirm it.
fn first_code_of_a_second_credential_is_no_proof(driver: Driver) {
    let site = site(driver);
    let first = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&site.alice, &first).unwrap();
    let code = first.token().unwrap().code().text();
    let proof = accepted(site.verifier.confirm(&site.alice, code.as_str()).unwrap());
    assert!(site.verifier.new_recovery_codes(&proof).is_ok(), "it is the only credential");
    assert!(site.verifier.trust(&proof).is_ok());

    let tablet = site.alice.clone().with_name("tablet").unwrap();
    let second = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&tablet, &second).unwrap();
    let code = second.token().unwrap().code().text();
    let proof = accepted(site.verifier.confirm(&tablet, code.as_str()).unwrap());
    let refused = site.verifier.new_recovery_codes(&proof);
    assert!(matches!(refused, Err(Error::NewProof)), "{refused:?}");
    assert!(matches!(site.verifier.trust(&proof), Err(Error::NewProof)));
}

fn proof_of_a_removed_credential_is_refused(driver: Driver) {
    let (first, other) = (site(driver), site(driver));
    let phone = first.enrolled(totp());
    // The entropy of all sites is equal, so this draws other numbers.
    drop(other.verifier.context().new_totp("another").unwrap());
    other.enrolled(totp());
    first.at(60);
    let proof = accepted(first.verify(&phone.code(NOW + 60)));
    // The other store has an account of the same name.
    assert!(matches!(other.verifier.new_recovery_codes(&proof), Err(Error::OldProof)));
    assert!(matches!(other.verifier.trust(&proof), Err(Error::OldProof)));
    first.verifier.remove(&first.alice).unwrap();
    assert!(matches!(first.verifier.new_recovery_codes(&proof), Err(Error::OldProof)));
    let again = first.verifier.context().new_totp("alice").unwrap();
    first.verifier.import(&first.alice, &again).unwrap();
    assert!(matches!(first.verifier.trust(&proof), Err(Error::OldProof)));
}

/// Neither the window nor the digits of one-time codes limit recovery codes.
fn options_for_codes_do_not_bind_recovery_codes(driver: Driver) {
    let context = OtpContext::new().with_wallet(wallet("2026")).with_digits(Digits::EIGHT);
    let options = VerifierOptions::new().with_window(Window::new(10, 10));
    let site = Site::with(driver, context, options);
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    // As many failures as eight digits permit, and six do not.
    for _ in 0..40 {
        let wrong = RecoveryCode::generate(RecoveryCodeSize::Long, |bytes| {
            bytes.fill(7);
            Ok(())
        });
        let typed = wrong.unwrap().reveal().as_str().to_owned();
        site.at(site.now() - NOW + 1000);
        assert_eq!(reason(site.verifier.recover(account, &typed).unwrap()), MISMATCH);
    }
    site.at(site.now() - NOW + 1000);
    assert_eq!(recovered(site.verifier.recover(account, &codes[0]).unwrap()).failures_before(), 40);
}

fn new_codes_replace_the_old_ones(driver: Driver) {
    let site = site(driver);
    let account = site.alice.account();
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), None);
    assert_eq!(
        reason(site.verifier.recover(account, "7K3M-9QXA-0T5V-WHE2").unwrap()),
        Reason::Unknown
    );
    let old = made(&*site.verifier, account);
    let new = made(&*site.verifier, account);
    assert_eq!(reason(site.verifier.recover(account, &old[0]).unwrap()), MISMATCH);
    assert_eq!(recovered(site.verifier.recover(account, &new[0]).unwrap()).failures_before(), 1);
    site.verifier.remove_recovery_codes(account).unwrap();
    assert!(matches!(site.verifier.remove_recovery_codes(account), Err(Error::Unknown)));
    assert_eq!(reason(site.verifier.recover(account, &new[1]).unwrap()), Reason::Unknown);
}

fn malformed_recovery_code_costs_nothing(driver: Driver) {
    let site = site(driver);
    let phone = site.enrolled(totp());
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    let code = &codes[0];
    let long = "0".repeat(10_000_000);
    for typed in
        ["", "123456", &code[1..], &format!("{code}0"), &code.replace(&code[..1], "U"), &long]
    {
        let reason = reason(site.verifier.recover(account, typed).unwrap());
        assert!(matches!(reason, Reason::RecoveryCode(_)), "{reason:?}");
        assert_eq!(reason.name(), "malformed");
    }
    // The long size is well-formed, and not in this set.
    let longer = format!("{code}-0000-0000");
    assert_eq!(reason(site.verifier.recover(account, &longer).unwrap()), MISMATCH);
    assert_eq!(site.failures(), 1);
    let RecoveryVerdict::Rejected(malformed) = site.verifier.recover(account, "").unwrap() else {
        panic!("accepted")
    };
    assert_eq!(malformed.failures(), 1, "the failures of the account are not told");
    let _ = accepted(site.at(30).verify(&phone.code(NOW + 30)));
}

fn guesses_at_codes_and_recovery_codes_are_one_count(driver: Driver) {
    let site = site(driver);
    let phone = site.enrolled(totp());
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    let other = RecoveryCode::generate(RecoveryCodeSize::Standard, |bytes| {
        bytes.fill(7);
        Ok(())
    });
    let guess = other.unwrap().reveal().as_str().to_owned();
    site.at(600);
    let wrong = phone.wrong(NOW + 600);
    for failures in 1..=4 {
        let seen = if failures % 2 == 0 {
            let RecoveryVerdict::Rejected(rejection) =
                site.verifier.recover(account, &guess).unwrap()
            else {
                panic!("a guess is right")
            };
            rejection.failures()
        } else {
            rejected(site.verifier.verify_account(account, &wrong).unwrap()).failures()
        };
        assert_eq!(seen, failures);
    }
    // The account takes neither, even if it is right.
    let RecoveryVerdict::Locked(throttle) = site.verifier.recover(account, &codes[0]).unwrap()
    else {
        panic!("not locked")
    };
    assert_eq!(throttle.lock(), Lock::Until(UnixTime::from_secs(NOW + 630)));
    assert!(matches!(site.verify(&phone.code(NOW + 600)), Verdict::Locked(_)));
    site.at(630);
    assert_eq!(recovered(site.verifier.recover(account, &codes[0]).unwrap()).failures_before(), 4);
    assert_eq!(site.failures(), 0);
}

fn codes_of_another_account_or_namespace_are_rejected(driver: Driver) {
    let site = site(driver);
    let (alice, bob) = (site.alice.account(), AccountId::new("bob").unwrap());
    let codes = made(&*site.verifier, alice);
    assert_eq!(reason(site.verifier.recover(&bob, &codes[0]).unwrap()), Reason::Unknown);
    let _ = made(&*site.verifier, &bob);
    assert_eq!(reason(site.verifier.recover(&bob, &codes[0]).unwrap()), MISMATCH);
    let context = OtpContext::new().with_wallet(wallet("2026"));
    let store = std::sync::Arc::clone(&site.store);
    let shop = crate::driver::namespaced(driver, store, context, "shop").unwrap();
    let refused = shop.recover(alice, &codes[0]);
    assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
    assert_eq!(recovered(site.verifier.recover(alice, &codes[0]).unwrap()).failures_before(), 0);
}

/// A database whose rows an attacker has exchanged opens nothing, and costs no attempt.
fn swapped_set_is_an_error(driver: Driver) {
    let site = site(driver);
    let (alice, bob) = (site.alice.account(), AccountId::new("bob").unwrap());
    let codes = made(&*site.verifier, alice);
    let _ = made(&*site.verifier, &bob);
    let [own, other] = [alice, &bob].map(|it| Store::recovery(&*site.store, it).unwrap().unwrap());
    for key in [other.key.as_str(), "", "{}", &own.key.replacen("xc20p", "xc20q", 1)] {
        assert!(Store::reseal_recovery(&*site.store, alice, own.set, &own.key, key).unwrap());
        let refused = site.verifier.recover(alice, &codes[0]);
        assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
        assert!(site.verifier.check_recovery_key(alice).is_err());
        assert!(Store::reseal_recovery(&*site.store, alice, own.set, key, &own.key).unwrap());
    }
    assert_eq!(recovered(site.verifier.recover(alice, &codes[0]).unwrap()).failures_before(), 0);
}

fn any_code_is_told_apart_by_its_shape(driver: Driver) {
    let site = site(driver);
    let phone = site.enrolled(totp());
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    site.at(60);
    let any = |typed: &str| site.verifier.verify_any(account, typed).unwrap();
    let AnyVerdict::Code(verdict) = any(&phone.code(NOW + 60)) else { panic!("a code") };
    assert_eq!(accepted(verdict).id(), &site.alice);
    let AnyVerdict::Recovery(verdict) = any(&codes[5]) else { panic!("a recovery code") };
    assert_eq!(recovered(verdict).left(), 9);
    let AnyVerdict::Code(verdict) = any("neither") else { panic!("neither") };
    assert_eq!(rejected(verdict).failures(), 0);
}

fn lost_reply_of_a_recovery_is_repeated(driver: Driver) {
    let site = site(driver);
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    for (code, fault) in codes.iter().zip([Fault::Before, Fault::After]) {
        site.store.plan([None, Some(fault(EngineErrorKind::Interrupted))]);
        let _ = recovered(site.verifier.recover(account, code).unwrap());
        site.store.plan([]);
        assert_eq!(reason(site.verifier.recover(account, code).unwrap()), REPLAYED);
    }
    site.store.plan([None, Some(Fault::After(EngineErrorKind::TimedOut))]);
    assert!(site.verifier.recover(account, &codes[2]).is_err());
    site.store.plan([]);
    assert_eq!(reason(site.verifier.recover(account, &codes[2]).unwrap()), REPLAYED);
}

fn recovery_key_is_reencrypted(driver: Driver) {
    let site = site(driver);
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    assert_eq!(site.verifier.check_recovery_key(account).unwrap().unwrap().as_str(), "2026");
    assert_eq!(site.verifier.reseal_recovery(account).unwrap(), Resealed::NotDue);
    let later = site.beside(OtpContext::new().with_wallet(wallet("2025")), VerifierOptions::new());
    assert_eq!(later.reseal_recovery(account).unwrap(), Resealed::Done);
    assert_eq!(later.check_recovery_key(account).unwrap().unwrap().as_str(), "2025");
    let _ = recovered(later.recover(account, &codes[0]).unwrap());
    let unknown = AccountId::new("unknown").unwrap();
    assert!(matches!(later.reseal_recovery(&unknown), Err(Error::Unknown)));
}

fn codes_without_a_wallet_have_24_symbols(driver: Driver) {
    let site = Site::new(driver);
    let account = site.alice.account();
    let refused = site.verifier.replace_recovery_codes(account);
    assert!(matches!(refused, Err(Error::Context(_))), "{refused:?}");
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let long = site.beside(OtpContext::new(), options);
    let codes = made(&*long, account);
    assert!(codes.iter().all(|code| code.len() == 29), "{codes:?}");
    let _ = recovered(long.recover(account, &codes[9]).unwrap());
    // With a wallet, a set without a key could be an attacker's.
    let sealed = site.beside(OtpContext::new().with_wallet(wallet("2026")), VerifierOptions::new());
    let refused = sealed.recover(account, &codes[0]);
    assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
}

fn recovery_moves_no_counter_and_confirms_nothing(driver: Driver) {
    let site = site(driver);
    let phone = site.enroll(totp());
    let account = site.alice.account();
    let codes = made(&*site.verifier, account);
    let before = site.verifier.status(&site.alice).unwrap();
    let _ = recovered(site.verifier.recover(account, &codes[0]).unwrap());
    assert_eq!(site.verifier.status(&site.alice).unwrap(), before);
    let refused = rejected(site.verifier.confirm(&site.alice, &codes[1]).unwrap());
    assert!(matches!(refused.reason(), Reason::Code(Rejected::Malformed(_))));
    let _ = accepted(site.verifier.confirm(&site.alice, &phone.code(NOW)).unwrap());
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), Some(9));
}

/// Neither a verdict nor an error shows a recovery code or a key.
#[test]
fn recovery_shows_no_secret() {
    let site = site(Driver::Blocking);
    let account = site.alice.account();
    let codes = site.verifier.replace_recovery_codes(account).unwrap();
    let entry = Store::recovery(&*site.store, account).unwrap().unwrap();
    let code = codes.iter().next().unwrap().reveal().as_str().to_owned();
    let id = CredentialId::from(account.clone());
    let shown = [
        format!("{codes:?}"),
        format!("{:?}", site.verifier.recover(account, &code)),
        format!("{:?}", site.verifier.recover(account, &code)),
        format!("{:?}", site.verifier.recover(account, &code[1..])),
        format!("{:?}", site.verifier.verify_any(account, &code)),
        format!("{:?}", site.verifier.verify(&id, &code)),
        format!("{entry:?}"),
    ];
    for text in shown {
        for secret in [code.as_str(), &code.replace('-', ""), &code[..9], entry.key.as_str()] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
