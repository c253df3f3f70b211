use otp_context::OtpContext;
use otp_context::replay::Lock;
use otp_core::{Algorithm, Digits, Malformed, Rejected, Secret, UnixTime, Window};
use otp_store::conformance::Fault;
use otp_store::{
    CredentialId, EngineErrorKind, Error, Event, Reason, RecordText, Store, Verdict,
    VerifierOptions,
};
use otp_uri::OtpKind;

use crate::events::reporting;
use crate::site::{NOW, Phone, REPLAYED, Site, accepted, hotp, rejected, totp, wallet};

/// Enrols another credential of Alice's, in use elsewhere.
fn add(site: &Site, name: &str, kind: OtpKind) -> Result<(CredentialId, Phone), Error> {
    let id = site.named(name);
    let credential = site.verifier.context().new_credential("alice", kind, 20).unwrap();
    site.verifier.import(&id, &credential)?;
    Ok((id, Phone::of(&credential)))
}

fn verify(site: &Site, typed: &str) -> Verdict {
    site.verifier.verify_account(site.alice.account(), typed).unwrap()
}

/// Returns a code that none of the phones has around a time.
fn wrong(phones: &[(CredentialId, Phone)], now: u64) -> String {
    let mut guesses = phones.iter().map(|(_, phone)| phone.wrong(now));
    let all = |guess: &String| {
        phones.iter().all(|(_, phone)| (0..40).all(|at| phone.code(now + at * 30 - 600) != *guess))
    };
    guesses.find(all).unwrap()
}

#[test]
fn code_of_any_credential_is_accepted_and_its_credential_named() {
    let site = Site::new();
    let digits = Digits::EIGHT;
    let long = OtpKind::Hotp { algorithm: Algorithm::Sha256, digits, counter: 3 };
    let kinds = [
        ("phone", totp(), NOW),
        ("tablet", totp(), NOW),
        ("token", hotp(7), 8),
        ("steam", OtpKind::Steam, NOW),
        ("long", long, 3),
    ];
    let phones = kinds.map(|(name, kind, _)| add(&site, name, kind).unwrap());
    for ((id, phone), (_, _, at)) in phones.iter().zip(kinds) {
        let accepted = accepted(verify(&site, &phone.code(at)));
        assert_eq!((accepted.id(), accepted.at()), (id, UnixTime::from_secs(NOW)));
        assert_eq!(rejected(verify(&site, &phone.code(at))).reason(), REPLAYED, "{id}");
        let by_name = rejected(site.verifier.verify(id, &phone.code(at)).unwrap()).reason();
        assert_eq!(by_name, REPLAYED, "{id}");
    }
    site.verifier.unlock(site.alice.account()).unwrap();
    // Four are wrong: the count is the account's.
    site.at(600);
    let guess = wrong(&phones[..2], NOW + 600);
    for failures in 1..=4 {
        assert_eq!(rejected(verify(&site, &guess)).failures(), failures);
    }
    let right = phones[1].1.code(NOW + 600);
    let Verdict::Locked(throttle) = verify(&site, &right) else { panic!("not locked") };
    assert_eq!(throttle.lock(), Lock::Until(UnixTime::from_secs(NOW + 630)));
    site.at(630);
    assert_eq!(accepted(verify(&site, &right)).failures_before(), 4);
    let listed = site.verifier.credentials(site.alice.account()).unwrap();
    let names: Vec<_> = listed.iter().map(|(id, status)| (id.name(), status.guesses())).collect();
    assert_eq!(names, [("long", 0), ("phone", 0), ("steam", 0), ("tablet", 0), ("token", 0)]);
}

/// The attempts that a row of the guide's table names, for this many credentials: TOTP, TOTP with
/// drift, HOTP.
fn attempts(row: &str) -> Option<(u32, [Option<u32>; 3])> {
    let cells: Vec<_> = row.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let [count, totp, drift, hotp] = cells[..] else { return None };
    Some((count.parse().ok()?, [totp, drift, hotp].map(|cell| cell.parse().ok())))
}

#[test]
fn attempts_are_those_of_the_table() {
    let guide = include_str!("../../guide/accounts.md");
    let (_, guide) = guide.split_once("## Several authenticators").unwrap();
    let rows: Vec<_> = guide.lines().filter_map(attempts).collect();
    assert_eq!(rows.len(), 6);
    let drift = VerifierOptions::new().with_drift(2);
    let cases =
        [(VerifierOptions::new(), totp()), (drift, totp()), (VerifierOptions::new(), hotp(9))];
    for (count, row) in rows {
        for ((options, kind), expected) in cases.into_iter().zip(row) {
            let site = Site::with(OtpContext::new(), options);
            let phones: Result<Vec<_>, _> =
                (0..count).map(|name| add(&site, &name.to_string(), kind)).collect();
            let Ok(phones) = phones else {
                assert_eq!(expected, None, "{count} credentials are refused");
                continue;
            };
            let mut evaluated = 0;
            loop {
                let now = u64::from(evaluated) * 10_000;
                site.at(now);
                let guess = wrong(&phones, NOW + now);
                match verify(&site, &guess) {
                    Verdict::Rejected(_) if evaluated < 1000 => evaluated += 1,
                    Verdict::Locked(throttle) => break assert_eq!(throttle.lock(), Lock::Hard),
                    other => panic!("guessing does not end: {other:?}"),
                }
            }
            assert_eq!(Some(evaluated), expected, "{count} credentials");
        }
    }
}

#[test]
fn credential_that_leaves_too_few_attempts_is_refused() {
    let site = Site::new();
    for name in ["1", "2", "3", "4"] {
        add(&site, name, totp()).unwrap();
    }
    add(&site, "hotp", hotp(0)).unwrap();
    for kind in [totp(), hotp(0)] {
        let refused = add(&site, "more", kind).map(drop);
        assert!(matches!(refused, Err(Error::TooManyCredentials(5))), "{refused:?}");
    }
    // Codes of another length, and unconfirmed credentials, are never compared in the same attempt.
    let site_pending = Site::new();
    for name in 0..9 {
        let id = site_pending.alice.clone().with_name(name.to_string()).unwrap();
        let credential = site_pending.verifier.context().new_totp("alice").unwrap();
        site_pending.verifier.enroll(&id, &credential).unwrap();
    }
    add(&site, "steam", OtpKind::Steam).unwrap();
    // A credential that takes the place of another is no other.
    let new = site.verifier.context().new_totp("alice").unwrap();
    let one = site.named("1");
    site.verifier.remove(&one).unwrap();
    site.verifier.enroll(&one, &new).unwrap();
    site.verifier.enroll(&one, &new).unwrap();
}

/// Later options may leave an account no attempt. A right code is accepted even so.
#[test]
fn account_that_outgrew_its_options_is_not_locked_out() {
    let site = Site::new();
    let phones: Vec<_> =
        (0..6).map(|name| add(&site, &name.to_string(), totp()).unwrap()).collect();
    let options = VerifierOptions::new().with_window(Window::new(9, 9));
    let wide = site.beside_with(OtpContext::new(), options).unwrap();
    let verify = |typed: &str| wide.verify_account(site.alice.account(), typed).unwrap();
    for seconds in [0, 600] {
        site.at(seconds);
        let _ = accepted(verify(&phones[3].1.code(NOW + seconds)));
    }
    let locked = rejected(verify(&wrong(&phones, NOW + 600)));
    assert_eq!((locked.failures(), locked.lock()), (1, Lock::Hard), "the second guess is too much");
}

#[test]
fn key_that_the_account_has_is_refused() {
    let site = Site::sealed("2025");
    let (phone, tablet) = (site.alice.clone(), site.named("tablet"));
    let credential = site.verifier.context().new_totp("alice").unwrap();
    site.verifier.enroll(&phone, &credential).unwrap();
    for other in [hotp(0), totp()] {
        let same = site
            .verifier
            .context()
            .import(other, Secret::new(credential.secret().reveal()).unwrap());
        let refused = site.verifier.enroll(&tablet, &same);
        assert!(matches!(refused, Err(Error::DuplicateKey)), "{refused:?}");
        assert!(matches!(site.verifier.import(&tablet, &same), Err(Error::DuplicateKey)));
    }
    // HMAC fills a short key up with zeros.
    let longer = [credential.secret().reveal(), &[0, 0]].concat();
    let longer = site.verifier.context().import(totp(), Secret::new(&longer).unwrap());
    assert!(matches!(site.verifier.enroll(&tablet, &longer), Err(Error::DuplicateKey)));
    // Another account may have it, and another key is accepted.
    let bob = CredentialId::new("bob").unwrap();
    site.verifier.enroll(&bob, &credential).unwrap();
    add(&site, "tablet", totp()).unwrap();
}

/// Also if the reply to the spend is lost.
#[test]
fn code_of_two_credentials_is_accepted_once() {
    let site = Site::new();
    let (phone, twin) = (site.enrolled(hotp(0)), site.named("twin"));
    // A database of an older version may have a key under two names.
    let mut entry = site.stored();
    entry.generation += 1;
    assert!(Store::insert(&*site.store, &twin, &entry).unwrap());
    let lost = |fault: fn(EngineErrorKind) -> Fault| Some(fault(EngineErrorKind::Interrupted));
    for (counter, fault) in (2..).zip([None, lost(Fault::Before), lost(Fault::After)]) {
        site.store.plan([None, fault]);
        let accepted = accepted(verify(&site, &phone.code(counter)));
        assert_eq!((accepted.id(), accepted.counter()), (&site.alice, counter));
        site.store.plan([]);
        for id in [&site.alice, &twin] {
            assert_eq!(site.verifier.status(id).unwrap().next(), counter + 1, "{id}");
        }
        assert_eq!(rejected(verify(&site, &phone.code(counter))).reason(), REPLAYED);
    }
    // A code that one of them has spent is a replay.
    let _ = accepted(site.verifier.verify(&twin, &phone.code(6)).unwrap());
    assert_eq!(rejected(verify(&site, &phone.code(6))).reason(), REPLAYED);
    assert_eq!(site.status().next(), 5);
}

#[test]
fn unknown_and_malformed_codes_cost_nothing() {
    let site = Site::new();
    let account = site.alice.account();
    let reason = |typed: &str| rejected(verify(&site, typed)).reason();
    assert_eq!(reason("123456"), Reason::Unknown);
    assert_eq!(reason("no code"), Reason::Unknown);
    assert_eq!(site.verifier.credentials(account).unwrap(), []);
    let phone = site.enroll(totp());
    assert_eq!(reason(&phone.code(NOW)), Reason::Unknown, "an unconfirmed credential");
    let _ = accepted(site.confirm(&phone.code(NOW)));
    let length = Reason::Code(Rejected::Malformed(Malformed::Length { expected: 6 }));
    assert_eq!(reason("1234567"), length);
    assert_eq!(reason("123"), length);
    assert!(matches!(reason("no code"), Reason::Code(Rejected::Malformed(_))));
    assert_eq!(site.failures(), 0);
}

/// It is an event beside the verdict.
#[test]
fn key_that_does_not_open_is_left_out() {
    let site = Site::sealed("2025");
    let (verifier, events) = reporting(&site, OtpContext::new().with_wallet(wallet("2025")));
    let phones = ["a", "b"].map(|name| add(&site, name, totp()).unwrap());
    let account = site.alice.account();
    let damage = |id: &CredentialId| {
        let entry = Store::find(&*site.store, id).unwrap().unwrap();
        let other = RecordText::new(entry.record.as_str().replacen("xc20p", "xc20q", 1));
        assert!(Store::reseal(&*site.store, id, &entry.record, &other).unwrap());
    };
    damage(&phones[0].0);
    let verdict = verifier.verify_account(account, &phones[1].1.code(NOW)).unwrap();
    assert_eq!(accepted(verdict).id(), &phones[1].0);
    let [Event::NotCompared { name: Some(name), .. }, Event::Accepted { id, .. }] = &events()[..]
    else {
        panic!("other events")
    };
    assert_eq!((name.as_str(), id), ("a", &phones[1].0));
    let guess = wrong(&phones, NOW);
    assert_eq!(rejected(verify(&site, &guess)).failures(), 1, "a guess is not counted");
    damage(&phones[1].0);
    let answer = site.verifier.verify_account(account, &guess);
    assert!(matches!(answer, Err(Error::NotCompared(_))), "{answer:?}");
    let kept = Store::find(&*site.store, &phones[0].0).unwrap().unwrap();
    let failures = kept.account.throttle.failures();
    assert_eq!(failures, 1, "a code that was not compared costs an attempt");
}
