use core::num::NonZeroU32;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_context::replay::Lock;
use otp_core::{Algorithm, Digits, Malformed, Period, Rejected, Window};
use otp_store::{CredentialId, Error, Reason, RecoveryVerdict, Verdict, VerifierOptions};
use otp_uri::OtpKind;

use crate::site::{NOW, Site, hotp, rejected, totp};

#[test]
fn too_wide_window_is_an_error() {
    let site = Site::new();
    let _phone = site.enrolled(totp());
    let options = VerifierOptions::new().with_window(Window::new(100, 100));
    // The error comes at once, not at the first log-in.
    for options in [options, VerifierOptions::new().with_look_ahead(100)] {
        let verifier = site.beside_with(OtpContext::new(), options);
        assert!(matches!(verifier, Err(Error::Window(_))));
    }
    // The window fits eight digits, but credentials may have other lengths.
    let wide = site.beside_with(OtpContext::new().with_digits(Digits::EIGHT), options).unwrap();
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
#[test]
fn lock_outs_of_every_kind_end() {
    let day = NonZeroU32::new(86_400).unwrap();
    let options =
        VerifierOptions::new().with_reopen_after(day).with_recovery_codes(RecoveryCodeSize::Long);
    for (kind, call) in
        [(totp(), "verify"), (hotp(0), "verify"), (totp(), "verify_account"), (totp(), "recover")]
    {
        let site = Site::with(OtpContext::new(), options);
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
