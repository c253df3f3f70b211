use otp_context::OtpContext;
use otp_context::recovery::{RecoveryCodeSize, RecoveryCodes};
use otp_context::replay::Lock;
use otp_core::{Digits, UnixTime, Window};
use otp_store::conformance::Fault;
use otp_store::{
    Accepted, AccountCopy, AccountId, AnyVerdict, CredentialId, EngineErrorKind, Error, Reason,
    Recovered, RecoveryVerdict, Resealed, Store, Verdict, VerifierOptions,
};

use crate::site::{MISMATCH, NOW, REPLAYED, Server, Site, accepted, rejected, totp, wallet};

fn texts(codes: &RecoveryCodes) -> Vec<String> {
    codes.iter().map(|code| code.reveal().as_str().to_owned()).collect()
}

fn made(verifier: &Server, account: &AccountId) -> Vec<String> {
    texts(&verifier.replace_recovery_codes(account).unwrap())
}

/// Returns a site where alice has recovery codes.
fn with_codes() -> (Site, Vec<String>) {
    let site = Site::sealed("2026");
    let codes = made(&site.verifier, site.alice.account());
    (site, codes)
}

/// A recovery code that no account has.
const WRONG: &str = "0000-0000-0000-0000-0000-0000";

fn recover(site: &Site, typed: &str) -> RecoveryVerdict {
    site.verifier.recover(site.alice.account(), typed).unwrap()
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

#[test]
fn each_recovery_code_works_once() {
    let (site, codes) = with_codes();
    let account = site.alice.account();
    let _ = site.enroll(totp());
    let before = site.status();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
    for (left, code) in (0..10).rev().zip(&codes) {
        let typed = format!(" {} ", code.to_lowercase().replace('-', "\u{2013} "));
        let recovered = recovered(recover(&site, &typed));
        assert_eq!((recovered.account(), recovered.left()), (account, left));
        assert_eq!(recovered.at(), UnixTime::from_secs(NOW));
        assert_eq!(reason(recover(&site, code)), REPLAYED);
        site.verifier.unlock(account).unwrap();
    }
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), Some(0));
    assert_eq!(site.status(), before, "a counter moves, or a credential is confirmed");
}

/// Recovery codes and trust need the proof of a fresh code.
#[track_caller]
fn no_proof(site: &Site, proof: &Accepted, refuses: fn(&Error) -> bool) {
    let codes = site.verifier.new_recovery_codes(proof).unwrap_err();
    let trust = site.verifier.trust(proof).unwrap_err();
    assert!(refuses(&codes) && refuses(&trust), "{codes:?} {trust:?}");
}

fn old(error: &Error) -> bool {
    matches!(error, Error::OldProof)
}

#[test]
fn proof_makes_codes_for_five_minutes() {
    let site = Site::sealed("2026");
    let phone = site.enrolled(totp());
    site.at(600);
    let proof = accepted(site.verify(&phone.code(NOW + 600)));
    site.at(900);
    let codes = texts(&site.verifier.new_recovery_codes(&proof).unwrap());
    let _ = recovered(recover(&site, &codes[3]));
    for seconds in [901, 299, 100_000] {
        no_proof(site.at(seconds), &proof, old);
    }
    let account = site.alice.account();
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), Some(9));
}

/// With a session alone an attacker could enrol an authenticator, and confirm it.
#[test]
fn first_code_of_a_second_credential_is_no_proof() {
    let site = Site::sealed("2026");
    let confirmed = |id: &CredentialId| {
        let credential = site.verifier.context().new_totp("alice").unwrap();
        site.verifier.enroll(id, &credential).unwrap();
        let code = credential.token().unwrap().code().text();
        accepted(site.verifier.confirm(id, code.as_str()).unwrap())
    };
    let proof = confirmed(&site.alice);
    assert!(site.verifier.new_recovery_codes(&proof).is_ok(), "it is the only credential");
    assert!(site.verifier.trust(&proof).is_ok());
    let proof = confirmed(&site.named("tablet"));
    no_proof(&site, &proof, |error| matches!(error, Error::NewProof));
}

#[test]
fn proof_of_a_removed_credential_is_refused() {
    let (first, other) = (Site::sealed("2026"), Site::sealed("2026"));
    let phone = first.enrolled(totp());
    // The entropy of all sites is equal, so this draws other numbers.
    drop(other.verifier.context().new_totp("another").unwrap());
    other.enrolled(totp());
    first.at(60);
    let proof = accepted(first.verify(&phone.code(NOW + 60)));
    // The other store has an account of the same name.
    no_proof(&other, &proof, old);
    first.verifier.remove(&first.alice).unwrap();
    no_proof(&first, &proof, old);
    let again = first.verifier.context().new_totp("alice").unwrap();
    first.verifier.import(&first.alice, &again).unwrap();
    no_proof(&first, &proof, old);
}

/// Neither the window nor the digits of one-time codes limit recovery codes.
#[test]
fn options_for_codes_do_not_bind_recovery_codes() {
    let context = OtpContext::new().with_wallet(wallet("2026")).with_digits(Digits::EIGHT);
    let options = VerifierOptions::new().with_window(Window::new(10, 10));
    let site = Site::with(context, options);
    let account = site.alice.account();
    let codes = made(&site.verifier, account);
    // As many failures as eight digits permit, and six do not.
    for _ in 0..40 {
        site.at(site.now() - NOW + 1000);
        assert_eq!(reason(recover(&site, WRONG)), MISMATCH);
    }
    site.at(site.now() - NOW + 1000);
    assert_eq!(recovered(recover(&site, &codes[0])).failures_before(), 40);
}

#[test]
fn new_codes_replace_the_old_ones() {
    let site = Site::sealed("2026");
    let account = site.alice.account();
    assert_eq!(site.verifier.recovery_codes_left(account).unwrap(), None);
    assert_eq!(reason(recover(&site, "7K3M-9QXA-0T5V-WHE2")), Reason::Unknown);
    let old = made(&site.verifier, account);
    let new = made(&site.verifier, account);
    assert_eq!(reason(recover(&site, &old[0])), MISMATCH);
    assert_eq!(recovered(recover(&site, &new[0])).failures_before(), 1);
    site.verifier.remove_recovery_codes(account).unwrap();
    assert!(matches!(site.verifier.remove_recovery_codes(account), Err(Error::Unknown)));
    assert_eq!(reason(recover(&site, &new[1])), Reason::Unknown);
}

#[test]
fn malformed_recovery_code_costs_nothing() {
    let (site, codes) = with_codes();
    let phone = site.enrolled(totp());
    let code = &codes[0];
    let long = "0".repeat(10_000_000);
    for typed in
        ["", "123456", &code[1..], &format!("{code}0"), &code.replace(&code[..1], "U"), &long]
    {
        let reason = reason(recover(&site, typed));
        assert!(matches!(reason, Reason::RecoveryCode(_)), "{reason:?}");
        assert_eq!(reason.name(), "malformed");
    }
    // The long size is well-formed, and not in this set.
    let longer = format!("{code}-0000-0000");
    assert_eq!(reason(recover(&site, &longer)), MISMATCH);
    assert_eq!(site.failures(), 1);
    let RecoveryVerdict::Rejected(malformed) = recover(&site, "") else { panic!("accepted") };
    assert_eq!(malformed.failures(), 1, "the failures of the account are not told");
    let _ = accepted(site.at(30).verify(&phone.code(NOW + 30)));
}

#[test]
fn guesses_at_codes_and_recovery_codes_are_one_count() {
    let (site, codes) = with_codes();
    let (phone, account) = (site.enrolled(totp()), site.alice.account());
    site.at(600);
    let wrong = phone.wrong(NOW + 600);
    for failures in [1, 3] {
        let seen = rejected(site.verifier.verify_account(account, &wrong).unwrap()).failures();
        assert_eq!(seen, failures);
        assert_eq!(reason(recover(&site, WRONG)), MISMATCH);
    }
    // The account takes neither, even if it is right.
    let verdict = recover(&site, &codes[0]);
    let RecoveryVerdict::Locked(throttle) = verdict else { panic!("not locked") };
    assert_eq!(throttle.lock(), Lock::Until(UnixTime::from_secs(NOW + 630)));
    assert!(matches!(site.verify(&phone.code(NOW + 600)), Verdict::Locked(_)));
    site.at(630);
    assert_eq!(recovered(recover(&site, &codes[0])).failures_before(), 4);
    assert_eq!(site.failures(), 0);
}

/// A database whose rows an attacker has exchanged opens nothing, and costs no attempt.
#[test]
fn codes_of_another_account_namespace_or_row_are_refused() {
    let site = Site::sealed("2026");
    let (alice, bob) = (site.alice.account(), AccountId::new("bob").unwrap());
    let codes = made(&site.verifier, alice);
    assert_eq!(reason(site.verifier.recover(&bob, &codes[0]).unwrap()), Reason::Unknown);
    let _ = made(&site.verifier, &bob);
    assert_eq!(reason(site.verifier.recover(&bob, &codes[0]).unwrap()), MISMATCH);
    let refuses = |verifier: &Server, account| {
        let refused = verifier.recover(account, &codes[0]);
        assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
        assert!(verifier.check_recovery_key(account).is_err());
    };
    refuses(&site.beside_sealed("2026").with_namespace("shop").unwrap(), alice);
    let store = &*site.store;
    let [own, other] = [alice, &bob].map(|it| Store::recovery(store, it).unwrap().unwrap());
    for key in [other.key.as_str(), "", "{}", &own.key.replacen("xc20p", "xc20q", 1)] {
        assert!(Store::reseal_recovery(store, alice, own.set, &own.key, key).unwrap());
        refuses(&site.verifier, alice);
        assert!(Store::reseal_recovery(store, alice, own.set, key, &own.key).unwrap());
    }
    // The whole set, with its id.
    let copy = Store::copy(store, alice).unwrap().unwrap();
    let moved = AccountCopy::new(bob.clone(), *copy.account(), vec![], copy.recovery().cloned());
    assert!(Store::remove_recovery(store, &bob).unwrap());
    assert!(Store::restore(store, &moved.unwrap().unwrap()).unwrap());
    refuses(&site.verifier, &bob);
    assert_eq!(recovered(recover(&site, &codes[0])).failures_before(), 0);
}

#[test]
fn any_code_is_told_apart_by_its_shape() {
    let (site, codes) = with_codes();
    let (phone, account) = (site.enrolled(totp()), site.alice.account());
    site.at(60);
    let any = |typed: &str| site.verifier.verify_any(account, typed).unwrap();
    let AnyVerdict::Code(verdict) = any(&phone.code(NOW + 60)) else { panic!("a code") };
    assert_eq!(accepted(verdict).id(), &site.alice);
    let AnyVerdict::Recovery(verdict) = any(&codes[5]) else { panic!("a recovery code") };
    assert_eq!(recovered(verdict).left(), 9);
    let AnyVerdict::Code(verdict) = any("neither") else { panic!("neither") };
    assert_eq!(rejected(verdict).failures(), 0);
    // It is no one-time code.
    assert_eq!(site.reason(&codes[6]).name(), "malformed");
}

#[test]
fn lost_reply_of_a_recovery_is_repeated() {
    let (site, codes) = with_codes();
    let account = site.alice.account();
    for (code, fault) in codes.iter().zip([Fault::Before, Fault::After]) {
        site.store.plan([None, Some(fault(EngineErrorKind::Interrupted))]);
        let _ = recovered(recover(&site, code));
        site.store.plan([]);
        assert_eq!(reason(recover(&site, code)), REPLAYED);
    }
    site.store.plan([None, Some(Fault::After(EngineErrorKind::TimedOut))]);
    assert!(site.verifier.recover(account, &codes[2]).is_err());
    site.store.plan([]);
    assert_eq!(reason(recover(&site, &codes[2])), REPLAYED);
}

#[test]
fn recovery_key_is_reencrypted() {
    let (site, codes) = with_codes();
    let account = site.alice.account();
    assert_eq!(site.verifier.check_recovery_key(account).unwrap().unwrap().as_str(), "2026");
    assert_eq!(site.verifier.reseal_recovery(account).unwrap(), Resealed::NotDue);
    let later = site.beside_sealed("2025");
    assert_eq!(later.reseal_recovery(account).unwrap(), Resealed::Done);
    assert_eq!(later.check_recovery_key(account).unwrap().unwrap().as_str(), "2025");
    let _ = recovered(later.recover(account, &codes[0]).unwrap());
    let unknown = AccountId::new("unknown").unwrap();
    assert!(matches!(later.reseal_recovery(&unknown), Err(Error::Unknown)));
}

#[test]
fn codes_without_a_wallet_have_24_symbols() {
    let site = Site::new();
    let account = site.alice.account();
    let refused = site.verifier.replace_recovery_codes(account);
    assert!(matches!(refused, Err(Error::Context(_))), "{refused:?}");
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let long = site.beside_with(OtpContext::new(), options).unwrap();
    let codes = made(&long, account);
    assert!(codes.iter().all(|code| code.len() == 29), "{codes:?}");
    let _ = recovered(long.recover(account, &codes[9]).unwrap());
    // With a wallet, a set without a key could be an attacker's.
    let sealed = site.beside_sealed("2026");
    let refused = sealed.recover(account, &codes[0]);
    assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
}
