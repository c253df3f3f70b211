//! The life of a credential, from enrolment to the last attempt.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use otp_context::Lock;
use otp_core::{Algorithm, Digits, Rejected, Secret, UnixTime};
use otp_store::{CredentialId, Error, Reason, Sqlite, Verdict, Verifier};
use otp_uri::{Generator, KeyUri, Kind, Label};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

struct Setup {
    verifier: Verifier,
    alice: CredentialId,
    phone: Generator,
    _folder: tempfile::TempDir,
}

impl Setup {
    fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let verifier = Verifier::new(Sqlite::open(folder.path().join("otp.db")).unwrap());
        let alice = CredentialId::new("alice").unwrap();
        let secret = Secret::new(&b"12345678901234567890"[..]).unwrap();
        let uri = KeyUri::new(Label::new("alice").unwrap(), secret, kind).unwrap();
        verifier.store().enroll(&alice, &uri).unwrap();
        Self { verifier, alice, phone: uri.generator(), _folder: folder }
    }

    fn code(&self, at: u64) -> String {
        let code = match &self.phone {
            Generator::Totp(totp) => totp.generate(UnixTime::from_secs(at)).code(),
            Generator::Hotp(hotp) => hotp.generate(at),
        };
        code.text().to_string()
    }

    fn verify(&self, typed: &str, now: UnixTime) -> Verdict {
        self.verifier.verify(&self.alice, typed, now).unwrap()
    }

    fn reason(&self, typed: &str, now: UnixTime) -> Reason {
        match self.verify(typed, now) {
            Verdict::Rejected(rejection) => rejection.reason(),
            other => panic!("{other:?}"),
        }
    }
}

fn hotp(counter: u64) -> Kind {
    Kind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter }
}

#[test]
fn a_code_is_accepted_once() {
    let setup = Setup::new(Kind::default());
    let first = setup.code(NOW.as_secs());
    assert_eq!(setup.reason(&first, NOW), Reason::Unknown, "not confirmed yet");

    let Verdict::Accepted(accepted) = setup.verifier.confirm(&setup.alice, &first, NOW).unwrap()
    else {
        panic!("refused");
    };
    assert_eq!((accepted.drift(), accepted.failures_before()), (0, 0));
    assert_eq!(setup.reason(&first, NOW), Reason::Code(Rejected::Replayed));

    let later = NOW.saturating_add(60);
    let Verdict::Accepted(accepted) = setup.verify(&setup.code(later.as_secs() - 30), later) else {
        panic!("refused");
    };
    assert_eq!((accepted.drift(), accepted.failures_before()), (-1, 1));
    let again = setup.verifier.confirm(&setup.alice, &first, NOW);
    assert!(matches!(again, Err(Error::Enrolled)));
}

#[test]
fn steam_and_hotp_verify_too() {
    let setup = Setup::new(Kind::Steam);
    let code = setup.code(NOW.as_secs());
    assert_eq!(code.len(), 5);
    let verdict = setup.verifier.confirm(&setup.alice, &code, NOW).unwrap();
    assert!(matches!(verdict, Verdict::Accepted(_)));

    let setup = Setup::new(hotp(7));
    assert!(matches!(
        setup.verifier.confirm(&setup.alice, &setup.code(9), NOW).unwrap(),
        Verdict::Accepted(accepted) if accepted.counter() == 9 && accepted.drift() == 2
    ));
    assert_eq!(setup.reason(&setup.code(9), NOW), Reason::Code(Rejected::Replayed));
    assert_eq!(setup.reason(&setup.code(16), NOW), Reason::Code(Rejected::Mismatch));
    assert!(matches!(setup.verify(&setup.code(15), NOW), Verdict::Accepted(_)));
}

#[test]
fn a_malformed_code_costs_nothing() {
    let setup = Setup::new(Kind::default());
    for typed in ["", "12345", "1234567", "12345a", "１２３４５６"] {
        let verdict = setup.verifier.confirm(&setup.alice, typed, NOW).unwrap();
        let Verdict::Rejected(rejection) = verdict else { panic!("{verdict:?}") };
        assert_eq!(rejection.reason().name(), "malformed");
        assert_eq!((rejection.failures(), rejection.lock()), (0, Lock::Open));
    }
}

#[test]
fn guessing_ends_and_success_clears_it() {
    let setup = Setup::new(Kind::default());
    let _ = setup.verifier.confirm(&setup.alice, &setup.code(NOW.as_secs()), NOW).unwrap();
    let mut now = NOW.saturating_add(300);
    // A code of long ago stands for a wrong one.
    let wrong = setup.code(0);
    for failure in 1..=4 {
        let Verdict::Rejected(rejection) = setup.verify(&wrong, now) else { panic!() };
        assert_eq!(rejection.failures(), failure);
    }
    let Verdict::Locked(Lock::Until(until)) = setup.verify(&wrong, now) else { panic!() };
    assert_eq!(until, now.saturating_add(30));
    let right = setup.code(now.as_secs());
    assert!(matches!(setup.verify(&right, now), Verdict::Locked(_)), "not even a right one");

    now = until;
    let Verdict::Accepted(accepted) = setup.verify(&setup.code(now.as_secs()), now) else {
        panic!("refused");
    };
    assert_eq!(accepted.failures_before(), 4);
    let status = setup.verifier.store().status(&setup.alice).unwrap();
    assert_eq!((status.throttle().failures(), status.throttle().lock()), (0, Lock::Open));

    let mut evaluated = 0;
    loop {
        match setup.verify(&wrong, now) {
            Verdict::Rejected(_) => evaluated += 1,
            Verdict::Locked(Lock::Until(until)) => now = until,
            Verdict::Locked(Lock::Hard) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(evaluated, 33);
}

#[test]
fn only_an_unconfirmed_credential_is_replaced() {
    let setup = Setup::new(Kind::default());
    let secret = Secret::new(&b"another key of 20 by"[..]).unwrap();
    let other = KeyUri::new(Label::new("alice").unwrap(), secret, Kind::default()).unwrap();
    setup.verifier.store().enroll(&setup.alice, &other).unwrap();
    let old = setup.code(NOW.as_secs());
    let verdict = setup.verifier.confirm(&setup.alice, &old, NOW).unwrap();
    assert!(matches!(verdict, Verdict::Rejected(_)));

    let Generator::Totp(totp) = other.generator() else { panic!() };
    let new = totp.generate(NOW).code().text().to_string();
    let verdict = setup.verifier.confirm(&setup.alice, &new, NOW).unwrap();
    assert!(matches!(verdict, Verdict::Accepted(_)));
    let again = setup.verifier.store().enroll(&setup.alice, &other);
    assert!(matches!(again, Err(Error::Enrolled)));
}

#[test]
fn an_unknown_account_looks_like_a_wrong_code() {
    let setup = Setup::new(Kind::default());
    let nobody = CredentialId::new("nobody").unwrap();
    let Verdict::Rejected(rejection) = setup.verifier.verify(&nobody, "123456", NOW).unwrap()
    else {
        panic!();
    };
    assert_eq!(rejection.reason(), Reason::Unknown);
    assert!(matches!(setup.verifier.store().status(&nobody), Err(Error::Unknown)));
}

#[test]
fn the_last_counters_end_in_an_error() {
    let last = u64::try_from(i64::MAX).unwrap();
    let setup = Setup::new(hotp(last));
    let verdict = setup.verifier.confirm(&setup.alice, &setup.code(last), NOW);
    assert!(matches!(verdict, Err(Error::TooLarge("counter"))));

    let secret = Secret::new(&b"12345678901234567890"[..]).unwrap();
    let uri = KeyUri::new(Label::new("bob").unwrap(), secret, hotp(last + 1)).unwrap();
    let bob = CredentialId::new("bob").unwrap();
    assert!(matches!(setup.verifier.store().enroll(&bob, &uri), Err(Error::TooLarge("counter"))));
}

#[test]
fn ids_are_bounded() {
    for id in ["", "a\nb", "a\0b", &"a".repeat(256)] {
        assert!(matches!(CredentialId::new(id), Err(Error::Id)));
    }
    assert!(CredentialId::new("ålice:1").is_ok());
}
