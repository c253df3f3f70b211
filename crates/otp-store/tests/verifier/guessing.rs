use core::num::NonZeroU32;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_context::replay::{Lock, ThrottlePolicy};
use otp_core::{Algorithm, Digits, Malformed, Period, Rejected, UnixTime, Window};
use otp_store::{CredentialId, Error, Reason, RecoveryVerdict, Verdict, VerifierOptions};
use otp_uri::OtpKind;

use crate::driver::Driver;
use crate::site::{NOW, Phone, Site, accepted, hotp, rejected, totp};

crate::scenarios![
    wrong_codes_lock_and_a_success_clears_them,
    limit_depends_on_window_and_digits,
    credentials_of_an_account_share_attempts,
    resync_costs_an_attempt,
    lock_outs_of_every_kind_end,
    too_wide_window_is_an_error,
];

#[track_caller]
fn locked(verdict: Verdict) -> Lock {
    match verdict {
        Verdict::Locked(throttle) => throttle.lock(),
        other => panic!("not locked: {other:?}"),
    }
}

fn wrong_codes_lock_and_a_success_clears_them(driver: Driver) {
    let site = Site::new(driver);
    let phone = site.enrolled(totp());
    site.at(300);
    let wrong = phone.wrong(NOW + 300);
    for failure in 1..=4 {
        let rejection = site.rejected(&wrong);
        assert_eq!(rejection.failures(), failure);
        let expected = Lock::Until(UnixTime::from_secs(NOW + 330));
        assert_eq!(rejection.lock(), if failure == 4 { expected } else { Lock::Open });
    }
    assert_eq!(locked(site.verify(&wrong)), Lock::Until(UnixTime::from_secs(NOW + 330)));
    let right = phone.code(NOW + 300);
    let _ = locked(site.verify(&right));
    assert_eq!(site.failures(), 4, "an attempt on a locked account is counted");

    let accepted_ = accepted(site.at(330).verify(&phone.code(NOW + 330)));
    assert_eq!(accepted_.failures_before(), 4);
    assert_eq!(site.failures(), 0);

    let mut evaluated = 0;
    loop {
        match site.verify(&wrong) {
            Verdict::Rejected(_) => evaluated += 1,
            Verdict::Locked(throttle) => match throttle.lock() {
                Lock::Until(until) => drop(site.at(until.as_secs() - NOW)),
                Lock::Hard => break,
                Lock::Open => panic!("locked and open"),
            },
            Verdict::Accepted(_) => panic!("a wrong code"),
        }
    }
    assert_eq!(evaluated, 33);
    site.at(1_000_000_000);
    assert_eq!(locked(site.verify(&phone.code(site.now()))), Lock::Hard);
    site.verifier.unlock(site.alice.account()).unwrap();
    let _ = accepted(site.verify(&phone.code(site.now())));
}

fn limit_depends_on_window_and_digits(driver: Driver) {
    let steps = |options: VerifierOptions, kind: OtpKind| {
        let site = Site::with(driver, OtpContext::new(), options);
        let phone = site.enrolled(kind);
        let wrong = phone.wrong(NOW);
        let mut failures = 0;
        loop {
            site.at(u64::from(failures) * 10_000);
            match site.verify(&wrong) {
                Verdict::Rejected(rejection) => failures = rejection.failures(),
                // A guess is right by chance once in several hundred thousand.
                Verdict::Accepted(_) => failures = 0,
                Verdict::Locked(_) => return failures,
            }
        }
    };
    let digits = OtpKind::Totp {
        algorithm: Algorithm::Sha1,
        digits: Digits::new(8).unwrap(),
        period: Period::THIRTY,
    };
    assert_eq!(steps(VerifierOptions::new().with_window(Window::new(2, 2)), totp()), 19);
    assert_eq!(steps(VerifierOptions::new(), digits), 100);
    assert_eq!(steps(VerifierOptions::new(), hotp(0)), 16, "one counter and five ahead");
    assert_eq!(steps(VerifierOptions::new().with_policy(ThrottlePolicy::nist()), totp()), 100);
}

fn credentials_of_an_account_share_attempts(driver: Driver) {
    let site = Site::new(driver);
    let mut phones = Vec::new();
    for name in ["", "phone", "token"] {
        let id = site.alice.clone().with_name(name).unwrap();
        let credential = site.verifier.context().new_totp("alice").unwrap();
        site.verifier.enroll(&id, &credential).unwrap();
        let phone = Phone::of(&credential);
        let _ = accepted(site.verifier.confirm(&id, &phone.code(NOW)).unwrap());
        phones.push((id, phone));
    }
    site.at(600);
    let now = NOW + 600;
    for (failures, (id, phone)) in (1..).zip(phones.iter().chain(&phones[..1])) {
        let verdict = site.verifier.verify(id, &phone.wrong(now)).unwrap();
        assert_eq!(rejected(verdict).failures(), failures);
    }
    for (id, phone) in &phones {
        let _ = locked(site.verifier.verify(id, &phone.code(now)).unwrap());
    }
    // Removing a credential and enrolling it again gives no attempts back.
    let (id, _) = &phones[1];
    site.verifier.remove(id).unwrap();
    let credential = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(id, &credential).unwrap();
    let _ = locked(site.verifier.confirm(id, &Phone::of(&credential).code(now)).unwrap());

    let bob = CredentialId::new("bob").unwrap();
    let credential = site.verifier.context().new_totp("bob").unwrap();
    site.verifier.enroll(&bob, &credential).unwrap();
    let verdict = site.verifier.confirm(&bob, &Phone::of(&credential).code(now)).unwrap();
    let _ = accepted(verdict);

    let (id, phone) = &phones[2];
    let verdict = site.at(700).verifier.verify(id, &phone.code(NOW + 700)).unwrap();
    assert_eq!(accepted(verdict).failures_before(), 4);
    assert_eq!(site.failures(), 0, "a success with one credential does not clear the account");
}

fn resync_costs_an_attempt(driver: Driver) {
    let site = Site::new(driver);
    let phone = site.enrolled(hotp(0));
    let wrong = phone.wrong(0);
    for failures in 1..=4 {
        let typed = [wrong.as_str(), wrong.as_str()];
        let verdict = site.verifier.resync(&site.alice, typed, 20).unwrap();
        assert_eq!(rejected(verdict).failures(), failures);
    }
    let right = [phone.code(11), phone.code(12)];
    let typed = [right[0].as_str(), right[1].as_str()];
    let _ = locked(site.verifier.resync(&site.alice, typed, 20).unwrap());
    let verdict = site.at(60).verifier.resync(&site.alice, typed, 20).unwrap();
    assert_eq!(accepted(verdict).failures_before(), 4);
}

fn too_wide_window_is_an_error(driver: Driver) {
    let site = Site::new(driver);
    let _phone = site.enrolled(totp());
    let options = VerifierOptions::new().with_window(Window::new(100, 100));
    // The error comes at once, not at the first log-in.
    for options in [options, VerifierOptions::new().with_look_ahead(100)] {
        let store = std::sync::Arc::clone(&site.store);
        let verifier = crate::driver::verifier(driver, store, OtpContext::new(), options);
        let error = verifier.map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Window(_)));
    }
    // The window fits eight digits, but credentials may have other lengths.
    let wide = site.beside(OtpContext::new().with_digits(Digits::EIGHT), options);
    assert_eq!(wide.options(), &options);
    let answer = wide.verify(&site.alice, "123456");
    assert!(matches!(answer, Err(Error::Window(_))));
    assert_eq!(site.failures(), 0);
    // A credential of eight digits has no code of six, whatever the options allow for six.
    let bob = CredentialId::new("bob").unwrap();
    let kind =
        OtpKind::Totp { algorithm: Algorithm::Sha1, digits: Digits::EIGHT, period: Period::THIRTY };
    let phone = wide.context().new_credential("bob", kind, 20).unwrap();
    wide.enroll(&bob, &phone).unwrap();
    let typed = phone.token().unwrap().code().text();
    assert!(matches!(wide.confirm(&bob, typed.as_str()).unwrap(), Verdict::Accepted(_)));
    let cut = rejected(wide.verify(&bob, &typed.as_str()[..6]).unwrap());
    let wrong = Malformed::Length { expected: 8 };
    assert_eq!(cut.reason(), Reason::Code(Rejected::Malformed(wrong)));
    let unknown = CredentialId::new("unknown").unwrap();
    assert_eq!(rejected(wide.verify(&unknown, "123456").unwrap()).reason(), Reason::Unknown);
}

/// The option holds for the policy of each type of code, and for recovery codes.
fn lock_outs_of_every_kind_end(driver: Driver) {
    let day = NonZeroU32::new(86_400).unwrap();
    let options =
        VerifierOptions::new().with_reopen_after(day).with_recovery_codes(RecoveryCodeSize::Long);
    for (kind, call) in
        [(totp(), "verify"), (hotp(0), "verify"), (totp(), "verify_account"), (totp(), "recover")]
    {
        let site = Site::with(driver, OtpContext::new(), options);
        let phone = site.enrolled(kind);
        let (account, wrong) = (site.alice.account(), phone.wrong(NOW));
        let _ = site.verifier.replace_recovery_codes(account).unwrap();
        let lock = |verdict| match verdict {
            Verdict::Rejected(rejection) => rejection.lock(),
            Verdict::Locked(throttle) => throttle.lock(),
            // A guess is right by chance once in several hundred thousand.
            Verdict::Accepted(_) => Lock::Open,
        };
        let mut longest = 0;
        for _ in 0..120 {
            let lock = match call {
                "verify" => lock(site.verify(&wrong)),
                "verify_account" => lock(site.verifier.verify_account(account, &wrong).unwrap()),
                _ => match site.verifier.recover(account, &"0".repeat(24)).unwrap() {
                    RecoveryVerdict::Rejected(rejection) => rejection.lock(),
                    other => panic!("{other:?}"),
                },
            };
            match lock {
                Lock::Open => {}
                Lock::Hard => panic!("{call} locks out for good"),
                Lock::Until(until) => {
                    longest = longest.max(until.as_secs() - site.now());
                    site.at(until.as_secs() - NOW);
                }
            }
        }
        assert_eq!(longest, 86_400, "{call}");
    }
}
