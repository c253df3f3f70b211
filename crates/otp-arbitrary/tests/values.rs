//! The values have the documented form, and include edge cases.
#![cfg(test)]
#![allow(clippy::std_instead_of_alloc, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;

use core::fmt::Debug;

use arbitrary::{Result, Unstructured};
use otp_arbitrary::text;
use otp_context::recovery::RecoveryCode;
use otp_context::replay::{Lock, Tracker};
use otp_core::{CodeFormat, Secret, Totp, UnixTime, Window};
use otp_uri::{FindingKind, Generator, KeyUri};

/// Makes values of ten thousand different inputs, which are the same in every run.
fn many<T>(make: impl for<'a> Fn(&mut Unstructured<'a>) -> Result<T>) -> Vec<T> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 32).to_le_bytes()[0]
    };
    let inputs = (0..10_000).map(|count| (0..count % 400).map(|_| next()).collect::<Vec<_>>());
    inputs.map(|input| make(&mut Unstructured::new(&input)).unwrap()).collect()
}

/// Returns the number of values that are true.
fn count(values: &[bool]) -> usize {
    values.iter().filter(|value| **value).count()
}

#[test]
fn numbers_reach_every_edge() {
    let edges = [0, u64::MAX, 1 << 63, (1 << 63) - 1];
    let reach_all = |numbers: Vec<u64>| edges.iter().all(|edge| numbers.contains(edge));
    assert!(reach_all(many(otp_arbitrary::number)));
    // A control: plain numbers do not.
    assert!(!reach_all(many(|bytes| bytes.arbitrary())));
}

#[test]
fn every_parameter_appears() {
    fn kinds<T: Debug>(values: Vec<T>) -> usize {
        values.into_iter().map(|value| format!("{value:?}")).collect::<BTreeSet<_>>().len()
    }
    assert_eq!(kinds(many(otp_arbitrary::algorithm)), 3);
    assert_eq!(kinds(many(otp_arbitrary::digits)), 5);
    assert_eq!(kinds(many(otp_arbitrary::code_format)), 6);
    assert_eq!(kinds(many(otp_arbitrary::repairs)), 256);
    assert_eq!(kinds(many(|bytes| otp_arbitrary::kind(bytes).map(|kind| kind.name()))), 3);
    let locks = many(otp_arbitrary::lock);
    assert!(locks.contains(&Lock::Open) && locks.contains(&Lock::Hard));
    let windows = many(otp_arbitrary::window);
    assert!(windows.iter().any(|it| it.behind == 255) && windows.iter().any(|it| it.ahead == 0));
}

/// The laws of `fuzz` make the others of any input.
#[test]
fn some_functions_make_a_value_of_any_input() {
    many(otp_arbitrary::code);
    many(otp_arbitrary::policy);
    many(|bytes| otp_arbitrary::hotp(bytes).map(|hotp| hotp.generate(0)));
    for data in [&b""[..], &[0xff; 600]] {
        otp_arbitrary::wallet(&mut Unstructured::new(data)).unwrap();
    }
}

/// Parameters without bytes have their default.
#[test]
fn empty_input_gives_a_generator_that_counts_from_1970() {
    let totp = otp_arbitrary::totp(&mut Unstructured::new(b"")).unwrap();
    assert_eq!(totp.t0(), UnixTime::from_secs(0));
    assert!(many(otp_arbitrary::totp).iter().any(|totp| totp.t0() != UnixTime::from_secs(0)));
}

/// The end of the text is a place for an insertion, too.
#[test]
fn text_is_inserted_at_the_end_too() {
    let codes = many(text::typed_code);
    for end in [".", "\n", "６"] {
        assert!(codes.iter().any(|code| code.ends_with(end)), "{end:?}");
        assert!(codes.iter().any(|code| code.starts_with(end)), "{end:?}");
    }
}

#[test]
fn due_codes_are_often_due() {
    let (now, next) = (UnixTime::from_secs(1_700_000_000), 7);
    let hotp = many(|bytes| {
        let hotp = otp_arbitrary::hotp(bytes)?;
        let typed = text::due_hotp_code(bytes, &hotp, next)?;
        let is_due = |code| hotp.verify(code, next, Window::ZERO).is_ok();
        let is_spent = (0..next).any(|spent| hotp.generate(spent).text().as_str() == typed);
        Ok((hotp.parse(&typed).is_ok_and(is_due), is_spent))
    });
    let (hotp, spent): (Vec<_>, Vec<_>) = hotp.into_iter().unzip();
    let totp = many(|bytes| {
        let uri = otp_arbitrary::key_uri(bytes)?;
        let typed = text::due_uri_code(bytes, &uri, now)?;
        let Generator::Totp(totp) = uri.generator() else { return Ok(false) };
        Ok(totp.parse(&typed).is_ok_and(|code| totp.verify(code, now, Window::ZERO, 0).is_ok()))
    });
    let recovery = many(|bytes| {
        let code = otp_arbitrary::recovery_code(bytes)?;
        let typed = text::typed_recovery_code(bytes, &code)?;
        Ok(RecoveryCode::parse(&typed).is_ok_and(|read| read == code))
    });
    for due in [hotp, totp, recovery] {
        assert!((3_334..10_000).contains(&count(&due)));
    }
    // Some codes are spent: their counter is below the next one.
    assert!((300..3_000).contains(&count(&spent)));
}

#[test]
fn some_text_is_well_formed_and_some_is_not() {
    let some = |values: &[bool]| (1_000..9_500).contains(&count(values));
    let format = CodeFormat::default();
    assert!(some(&many(|bytes| Ok(format.parse(&text::typed_code(bytes)?).is_ok()))));
    assert!(some(&many(|bytes| Ok(Secret::from_base32(&text::typed_key(bytes)?).is_ok()))));
    assert!(some(&many(|bytes| Ok(KeyUri::parse(&text::uri(bytes)?).is_ok()))));
    assert!(some(&many(|bytes| {
        let uri = otp_arbitrary::key_uri(bytes)?;
        let dialect = text::dialect(bytes, &uri)?;
        Ok(KeyUri::parse(&dialect).is_ok_and(|reading| reading.uri == uri))
    })));
    // A control: random bytes make no URI.
    assert!(!some(&many(|bytes| Ok(KeyUri::parse(bytes.arbitrary()?).is_ok()))));
}

/// How many of some logins accept a code, and how many accept it at once again. The application stores its
/// tracker, or forgets it.
fn log_ins(stores: bool, typed: fn(&mut Unstructured<'_>, &Totp) -> Result<String>) -> [usize; 2] {
    let now = UnixTime::from_secs(1_700_000_000);
    let accepted = many(|bytes| {
        let totp = otp_arbitrary::totp(bytes)?;
        let typed = typed(bytes, &totp)?;
        let mut next = 0;
        let mut log_in = || {
            let Ok(code) = totp.parse(&typed) else { return false };
            let mut tracker = Tracker::resume(next);
            let accepted = tracker.verify_totp(&totp, code, now, Window::ONE).is_ok();
            next = if stores { tracker.next() } else { 0 };
            accepted
        };
        Ok((log_in(), log_in()))
    });
    let (once, twice): (Vec<_>, Vec<_>) = accepted.into_iter().unzip();
    [once, twice].map(|accepted| count(&accepted))
}

/// The law of the README, "no code lets a user in twice": due codes check it, and codes of other keys do not.
#[test]
fn due_codes_find_an_application_that_forgets() {
    let due = |bytes: &mut Unstructured<'_>, totp: &Totp| {
        text::due_code(bytes, totp, UnixTime::from_secs(1_700_000_000))
    };
    let [once, twice] = log_ins(true, due);
    assert!(once > 5_000 && twice == 0, "{once} {twice}");
    assert_eq!(log_ins(false, due), [once, once]);
    let [once, twice] = log_ins(false, |bytes, _| text::typed_code(bytes));
    assert!(once < 10 && twice < 10, "{once} {twice}");
}

/// The reader reports a parameter that it does not know. A second `secret` is an error, so it is known.
#[test]
fn dictionary_has_every_parameter() {
    let is_known = |parameter: &str| {
        let uri = format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP{parameter}1");
        KeyUri::parse(&uri).map_or(true, |reading| {
            reading.findings.iter().all(|it| it.kind() != FindingKind::UnknownParameter)
        })
    };
    let entries = include_str!("../otpauth.dict").lines().filter_map(|line| {
        let entry = line.strip_prefix('"')?.strip_suffix('"')?;
        (entry.starts_with('&') && entry.ends_with('=')).then_some(entry)
    });
    let entries: BTreeSet<_> = entries.collect();
    assert_eq!(entries.len(), 10);
    assert!(entries.into_iter().all(is_known) && !is_known("&nonsense="));
}
