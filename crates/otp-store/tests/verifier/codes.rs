use otp_context::replay::Lock;
use otp_core::{Algorithm, Digits, Malformed, Period, Rejected};
use otp_store::{CredentialId, Error, Reason, Store};
use otp_uri::OtpKind;

use crate::site::{MISMATCH, NOW, Phone, REPLAYED, Site, accepted, hotp, rejected, totp};

#[test]
fn code_is_accepted_once() {
    let site = Site::new();
    let phone = site.enroll(totp());
    let first = phone.code(NOW);
    assert_eq!(site.reason(&first), Reason::Unknown, "not confirmed yet");
    let accepted_ = accepted(site.confirm(&first));
    assert_eq!((accepted_.counter(), accepted_.drift()), (NOW / 30, 0));
    assert_eq!((accepted_.failures_before(), accepted_.reseal()), (0, None));
    assert_eq!(site.reason(&first), REPLAYED);
    assert!(matches!(site.verifier.confirm(&site.alice, &first), Err(Error::Enrolled)));

    let accepted_ = accepted(site.at(60).verify(&phone.code(NOW + 30)));
    assert_eq!((accepted_.drift(), accepted_.failures_before()), (-1, 1));
    assert_eq!(site.reason(&phone.code(NOW + 30)), REPLAYED);
    // With separators it is the same code.
    let code = phone.code(NOW + 90);
    let (left, right) = code.split_at(3);
    let _ = accepted(site.verify(&format!("{left} {right}")));
    for again in [code.clone(), format!("{left}-{right}"), format!(" {left} {right} ")] {
        assert_ne!(site.reason(&again), MISMATCH, "{again}");
    }
    site.verifier.unlock(site.alice.account()).unwrap();
    // The code between was right, and is spent with the later one.
    assert_eq!(site.reason(&phone.code(NOW + 60)), REPLAYED);
    let status = site.status();
    assert_eq!((status.next(), status.confirmed()), ((NOW + 90) / 30 + 1, true));
}

#[test]
fn code_of_every_format_is_accepted() {
    let of = |algorithm, digits, period| OtpKind::Totp {
        algorithm,
        digits: Digits::new(digits).unwrap(),
        period: Period::from_secs(period).unwrap(),
    };
    for (kind, length) in [
        (OtpKind::Steam, 5),
        (totp(), 6),
        (of(Algorithm::Sha256, 7, 60), 7),
        (of(Algorithm::Sha512, 8, 30), 8),
        (of(Algorithm::Sha1, 9, 15), 9),
        (of(Algorithm::Sha1, 10, 30), 10),
        (hotp(7), 6),
    ] {
        let site = Site::new();
        let phone = site.enrolled(kind);
        let code =
            if let OtpKind::Hotp { .. } = kind { phone.code(8) } else { phone.code(NOW + 600) };
        assert_eq!(code.len(), length);
        site.at(600);
        for other in ["22222", "222222", "2222222", "22222222", "222222222", "2222222222"] {
            if other.len() != length {
                let rejection = site.rejected(other);
                let expected = Malformed::Length { expected: u8::try_from(length).unwrap() };
                assert_eq!(rejection.reason(), Reason::Code(expected.into()));
            }
        }
        assert_eq!(site.failures(), 0, "a code of another length cannot match");
        let _ = accepted(site.verify(&code));
        assert_eq!(site.reason(&code), REPLAYED);
        let status = site.status().kind();
        assert_eq!((status.name(), status.format()), (kind.name(), kind.format()));
    }
}

#[test]
fn malformed_code_costs_no_attempt() {
    let site = Site::new();
    let long = "1".repeat(100_000);
    let texts = ["", "12345", "1234567", "12345a", "+12345", "１２３４５６", "12345\n", &long];
    let phone = site.enroll(totp());
    for typed in texts {
        let rejection = rejected(site.confirm(typed));
        assert_eq!(rejection.reason().name(), "malformed", "{typed:?}");
        assert_eq!((rejection.failures(), rejection.lock()), (0, Lock::Open));
        assert_eq!(site.reason(typed), Reason::Unknown, "not confirmed yet");
    }
    let _ = accepted(site.confirm(&phone.code(NOW)));
    for typed in texts {
        assert_eq!(site.reason(typed).name(), "malformed", "{typed:?}");
        assert!(matches!(site.verifier.confirm(&site.alice, typed), Err(Error::Enrolled)));
        let unknown = CredentialId::new("unknown").unwrap();
        let verdict = site.verifier.verify(&unknown, typed).unwrap();
        assert_eq!(rejected(verdict).reason(), Reason::Unknown);
    }
    assert_eq!(site.failures(), 0);
}

#[test]
fn unknown_account_looks_like_a_wrong_code() {
    let site = Site::new();
    let phone = site.enrolled(totp());
    let unknown = CredentialId::new("unknown").unwrap();
    // The default waits would lock a known account.
    for typed in ["123456"; 40].into_iter().chain(["12345", "12345678", "22222", "2345678901"]) {
        let verdict = site.verifier.verify(&unknown, typed).unwrap();
        let rejection = rejected(verdict);
        assert_eq!(rejection.reason(), Reason::Unknown);
        let wrong = site.rejected(&phone.wrong(NOW));
        site.verifier.unlock(site.alice.account()).unwrap();
        assert_eq!(wrong.reason(), MISMATCH);
    }
    let verdict = site.verifier.confirm(&unknown, "123456").unwrap();
    assert_eq!(rejected(verdict).reason(), Reason::Unknown);
    let verdict = site.verifier.resync(&unknown, &["123456", "123457"], 9).unwrap();
    assert_eq!(rejected(verdict).reason(), Reason::Unknown);
    assert!(matches!(site.verifier.status(&unknown), Err(Error::Unknown)));
    assert!(matches!(site.verifier.unlock(unknown.account()), Err(Error::Unknown)));
    assert!(matches!(site.verifier.remove(&unknown), Err(Error::Unknown)));
    assert!(matches!(site.verifier.reseal(&unknown), Err(Error::Unknown)));
    let ids = Store::list(site.store.store(), None, 9).unwrap();
    assert_eq!(ids, std::slice::from_ref(&site.alice));
}

/// A code that two steps of the window share is accepted once.
#[test]
fn highest_of_several_matching_steps_is_spent() {
    let site = Site::new();
    // A key with one code two steps apart, found by trial.
    let (credential, time) = (0_u32..)
        .find_map(|number| {
            let secret = otp_core::Secret::new(&number.to_be_bytes().repeat(4)).unwrap();
            let credential = site.verifier.context().import(totp(), secret).with_account("alice");
            let phone = Phone::of(&credential);
            let codes: Vec<_> = (0..64).map(|step| phone.code(NOW + step * 30)).collect();
            let place = codes.windows(3).position(|three| three[0] == three[2])?;
            Some((credential, NOW + u64::try_from(place).unwrap() * 30))
        })
        .unwrap();
    let phone = Phone::of(&credential);
    site.verifier.enroll(&site.alice, &credential).unwrap();
    site.at(time + 30 - NOW);
    let accepted_ = accepted(site.confirm(&phone.code(time)));
    assert_eq!(accepted_.counter(), time / 30 + 2);
    site.at(time + 60 - NOW);
    assert_eq!(site.reason(&phone.code(time + 60)), REPLAYED);
}

#[test]
fn last_counter_is_never_accepted() {
    let site = Site::new();
    let phone = site.enroll(hotp(0));
    // The verifier enrolls no such counter, since no SQL column holds the next one.
    let memory = site.store.store();
    let mut entry = Store::find(memory, &site.alice).unwrap().unwrap();
    entry.next = u64::MAX - 1;
    assert!(Store::insert(memory, &site.alice, &entry).unwrap());
    let verdict = site.confirm(&phone.code(u64::MAX - 1));
    assert_eq!(accepted(verdict).counter(), u64::MAX - 1);
    assert_eq!(site.reason(&phone.code(u64::MAX)), Reason::Code(Rejected::Exhausted));
    let reason = site.reason(&phone.code(u64::MAX - 1));
    assert!(matches!(reason, Reason::Code(Rejected::Exhausted | Rejected::Replayed)));
}
