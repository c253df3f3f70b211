//! The values have the documented form, and include edge cases.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::arithmetic_side_effects
)]

use std::collections::BTreeSet;

use arbitrary::{Result, Unstructured};
use otp_arbitrary::text;
use otp_context::recovery::RecoveryCode;
use otp_core::{CodeFormat, Secret, UnixTime, Window};
use otp_uri::{Generator, KeyUri};

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

fn edges(numbers: &[u64]) -> bool {
    let has = |edge: u64| numbers.contains(&edge);
    has(0) && has(u64::MAX) && has(i64::MAX.unsigned_abs()) && has(i64::MAX.unsigned_abs() + 1)
}

#[test]
fn numbers_reach_every_edge() {
    assert!(edges(&many(otp_arbitrary::number)));
    // A control: plain numbers do not.
    assert!(!edges(&many(|bytes| bytes.arbitrary())));
}

#[test]
fn every_parameter_appears() {
    let count = |values: BTreeSet<String>| values.len();
    let shown = |values: Vec<String>| values.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(count(shown(many(|b| otp_arbitrary::algorithm(b).map(|it| it.to_string())))), 3);
    assert_eq!(count(shown(many(|b| otp_arbitrary::digits(b).map(|it| it.to_string())))), 5);
    assert_eq!(
        count(shown(many(|b| otp_arbitrary::code_format(b).map(|it| format!("{it:?}"))))),
        6
    );
    assert_eq!(count(shown(many(|b| otp_arbitrary::repairs(b).map(|it| format!("{it:?}"))))), 256);
    let kinds = many(|bytes| otp_arbitrary::kind(bytes).map(|kind| kind.name().to_owned()));
    assert_eq!(count(shown(kinds)), 3);
    let locks = many(|bytes| otp_arbitrary::throttle(bytes).map(|it| format!("{:?}", it.lock())));
    assert!(locks.iter().any(|it| it == "Open") && locks.iter().any(|it| it == "Hard"));
    let windows = many(otp_arbitrary::window);
    assert!(windows.iter().any(|it| it.behind == 255) && windows.iter().any(|it| it.ahead == 0));
}

#[test]
fn every_function_makes_a_value_of_any_input() {
    many(otp_arbitrary::period);
    many(otp_arbitrary::unix_time);
    many(otp_arbitrary::code);
    many(|bytes| otp_arbitrary::hotp(bytes).map(|hotp| hotp.generate(0)));
    many(|bytes| otp_arbitrary::totp(bytes).map(|totp| totp.period()));
    many(otp_arbitrary::secret);
    many(|bytes| otp_arbitrary::recovery_code(bytes).map(|code| code.size()));
    many(otp_arbitrary::label);
    many(otp_arbitrary::key_uri);
    many(otp_arbitrary::tag);
    many(otp_arbitrary::sealed_key);
    many(otp_arbitrary::secrets);
    many(otp_arbitrary::record);
    many(otp_arbitrary::tracker);
    many(otp_arbitrary::drift);
    many(otp_arbitrary::policy);
    many(|bytes| otp_arbitrary::owner(bytes).map(|it| it.user().len()));
    for data in [&b""[..], &[0xff; 600]] {
        otp_arbitrary::wallet(&mut Unstructured::new(data)).unwrap();
        otp_arbitrary::record(&mut Unstructured::new(data)).unwrap();
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

/// Returns whether more than a third of the values are true, and not all of them.
fn often(values: &[bool]) -> bool {
    let count = values.iter().filter(|value| **value).count();
    values.len() / 3 < count && count < values.len()
}

#[test]
fn due_codes_are_often_due() {
    let (now, next) = (UnixTime::from_secs(1_700_000_000), 7);
    assert!(often(&many(|bytes| {
        let hotp = otp_arbitrary::hotp(bytes)?;
        let typed = text::due_hotp_code(bytes, &hotp, next)?;
        Ok(hotp.parse(&typed).is_ok_and(|code| hotp.verify(code, next, Window::ZERO).is_ok()))
    })));
    assert!(often(&many(|bytes| {
        let uri = otp_arbitrary::key_uri(bytes)?;
        let typed = text::due_uri_code(bytes, &uri, now)?;
        let Generator::Totp(totp) = uri.generator() else { return Ok(false) };
        Ok(totp.parse(&typed).is_ok_and(|code| totp.verify(code, now, Window::ZERO, 0).is_ok()))
    })));
    assert!(often(&many(|bytes| {
        let code = otp_arbitrary::recovery_code(bytes)?;
        let typed = text::typed_recovery_code(bytes, &code)?;
        Ok(RecoveryCode::parse(&typed).is_ok_and(|read| read == code))
    })));
    // Some codes are spent: their counter is below the next one.
    let spent = many(|bytes| {
        let hotp = otp_arbitrary::hotp(bytes)?;
        let typed = text::due_hotp_code(bytes, &hotp, next)?;
        Ok((0..next).any(|spent| hotp.generate(spent).text().as_str() == typed))
    });
    assert!((300..3_000).contains(&spent.iter().filter(|spent| **spent).count()));
}

/// Returns whether at least a tenth of the values are true, and not nearly all.
fn some(values: Vec<bool>) -> bool {
    let count = values.iter().filter(|value| **value).count();
    (1_000..9_500).contains(&count)
}

#[test]
fn some_dialects_of_a_uri_are_read_as_equal() {
    assert!(some(many(|bytes| {
        let uri = otp_arbitrary::key_uri(bytes)?;
        let text = text::dialect(bytes, &uri)?;
        Ok(KeyUri::parse(&text).is_ok_and(|reading| reading.uri == uri))
    })));
}

#[test]
fn some_text_is_well_formed_and_some_is_not() {
    let format = CodeFormat::default();
    assert!(some(many(|bytes| Ok(format.parse(&text::typed_code(bytes)?).is_ok()))));
    assert!(some(many(|bytes| Ok(Secret::from_base32(&text::typed_key(bytes)?).is_ok()))));
    assert!(some(many(|bytes| Ok(KeyUri::parse(&text::uri(bytes)?).is_ok()))));
    // A control: random bytes make no URI.
    assert!(!some(many(|bytes| Ok(KeyUri::parse(bytes.arbitrary()?).is_ok()))));
}
