//! The reader of any text: it agrees with the readers of each form, and its errors have a kind and a
//! part.

use otp_context::{Record, StoredKey};
use otp_serde::passlib::PasslibRecord;
use otp_serde::record::Stored;
use otp_serde::{Input, InputError, is_record};
use otp_uri::migration::Page;
use otp_uri::{ErrorKind, KeyUri};
use proptest::prelude::*;

/// A record of passlib.
const PASSLIB: &str = r#"{"v":1,"type":"totp","key":"JBSWY3DPEHPK3PXP","label":"bob"}"#;

/// `refusals.txt` has short records.
#[test]
fn deep_nesting_is_refused_in_its_place() {
    let deep = "[".repeat(20_000) + &"]".repeat(20_000);
    let open = "[".repeat(20_000);
    let rest = r#""type":"steam","next":0,"secret":"JBSWY3DP""#;
    for (text, kind, part) in [
        (format!(r#"{{"v":{deep},{rest}}}"#), "invalid", "v"),
        (format!(r#"{{"issuer":{deep},"v":2,{rest}}}"#), "invalid", "issuer"),
        (format!(r#"{{"v":2,{rest},"issuer":{open}"#), "malformed", "record"),
        (format!(r#"{{"x":{deep},"v":2,{rest}}}"#), "unknown", "record"),
    ] {
        let error = Input::read(&text).unwrap_err();
        assert_eq!((error.kind_name(), error.part()), (kind, part), "{text:.99}: {error}");
    }
    // The record is valid otherwise.
    assert!(Input::read(&format!(r#"{{"v":2,{rest}}} "#)).is_ok());
}

/// A record that breaks off anywhere is not JSON, whatever field it breaks off in.
#[test]
fn cut_record_is_not_json() {
    for length in 1..PASSLIB.len() {
        let error = Input::read(&PASSLIB[..length]).unwrap_err();
        assert_eq!((error.kind_name(), error.part()), ("malformed", "record"), "{length}");
    }
}

#[test]
fn byte_order_mark_and_white_space_are_ignored() {
    for text in [PASSLIB, "otpauth://totp/bob?secret=JBSWY3DPEHPK3PXP"] {
        for before in ["\u{feff}", " ", "\u{a0}"] {
            assert!(Input::read(&format!("{before}{text}")).is_ok(), "{before:?} {text}");
        }
    }
}

#[test]
fn accounts_of_every_form_are_records() {
    let page = "otpauth-migration://offline?data=Ci0KCkhlbGxvId6tvu8SEGFsaWNlQGdvb2dsZS5jb20aB0V4\
                YW1wbGUgASgBMAIQARgBIAAoh61L";
    for (text, account, issuer, findings) in [
        ("otpauth://totp/ACME:bob?secret=jbswy3dp", "bob", "ACME", true),
        (page, "alice@google.com", "Example", true),
        (r#"{"v":2,"account":"bob","type":"steam","next":7,"secret":"AA"}"#, "bob", "", false),
        (r#" {"v":1,"type":"hotp","key":"JBSWY3DP","label":"bob"}"#, "bob", "", false),
    ] {
        let mut accounts = Input::read(text).unwrap().into_accounts();
        let imported = accounts.next().unwrap().unwrap();
        let record = &imported.record;
        assert_eq!(record.account().unwrap_or_default(), account);
        assert_eq!(record.issuer().unwrap_or_default(), issuer);
        assert!(matches!(record.key(), StoredKey::Plain(_)));
        assert_eq!(imported.findings.is_empty(), !findings, "{text}");
        assert!(accounts.next().is_none());
    }
}

/// Returns the result of the reader of a single form, without keys.
fn by_single_readers(text: &str) -> Result<String, Option<InputError>> {
    let shown = |record: Record| format!("{record:?}");
    if is_record(text) {
        let current = serde_json::from_str::<Stored>(text).map(|it| shown(it.0));
        let read =
            current.or_else(|_| serde_json::from_str::<PasslibRecord>(text).map(|it| shown(it.0)));
        return read.map_err(|_| None);
    }
    match KeyUri::parse(text) {
        Ok(parsed) => Ok(format!("{:?}", parsed.uri)),
        Err(error) if error.kind() == ErrorKind::Export => Page::parse(text)
            .map(|page| format!("{page:?}"))
            .map_err(|error| Some(InputError::Uri(error))),
        Err(error) => Err(Some(InputError::Uri(error))),
    }
}

fn against(text: &str, read: impl Fn(&str) -> Result<Input, InputError>) {
    let read = read(text);
    if let Err(error) = &read {
        assert!(error.to_string().len() < 200, "{error}");
    }
    let expected = by_single_readers(text);
    match (read, expected) {
        (Ok(input), Ok(expected)) => {
            let shown = match &input {
                Input::Uri(parsed) => format!("{:?}", parsed.uri),
                Input::Page(page) => format!("{page:?}"),
                Input::Record(record) | Input::PasslibRecord(record) => format!("{record:?}"),
            };
            assert_eq!(shown, expected);
            assert!(input.into_accounts().count() < 9999);
        }
        (Err(error), Err(expected)) => assert_eq!(expected.unwrap_or_else(|| error.clone()), error),
        (read, expected) => panic!("{read:?} instead of {expected:?} of {text}"),
    }
}

#[test]
#[should_panic(expected = "instead of")]
fn control_reader_that_ignores_text_after_a_record_is_noticed() {
    against(&format!("{PASSLIB}x"), |text| Input::read(text.trim_end_matches('x')));
}

/// Fields of both versions, some of them invalid.
const FIELDS: &str = r#"
    "v":1 "v":2 "v":2 "type":"totp" "type":"steam" "type":"hotp" "next":7 "key":"JBSWY3DPEHPK3PXP"
    "secret":"JBSWY3DPEHPK3PXP" "algorithm":"SHA1" "digits":6 "period":30 "counter":1 "label":"bob"
    "issuer":"ACME" "x":[1,{"v":2}]
"#;

/// Any text, and records and URIs that are nearly right.
fn texts() -> impl Strategy<Value = String> {
    let fields: Vec<_> = FIELDS.split_whitespace().collect();
    let fields = prop::sample::subsequence(fields, 0..=8).prop_shuffle();
    let ends = prop::sample::select(&["}", "}", "} ", "}x", ""][..]);
    let steam = r#"{"v":2,"type":"steam","next":0,"secret":"JBSWY3DP"}"#;
    let records = prop::sample::select(vec![steam, PASSLIB]);
    let changes = (records, 0_usize..50, "[0-9a-z\"{}\\[\\]:,. ]{0,3}");
    let uris = (
        "(otpauth|OTPAUTH|otpauth-migration|steam|motp)",
        "(://|:)(totp|hotp|offline|JBSWY3DP)/?[a-z%:]{0,9}",
        "(\\?(secret|data)=[A-Z0-7]{0,24}(&[a-z]{1,8}=[0-9a-z]{0,4}){0,2})?",
    );
    prop_oneof![
        ".{0,200}",
        (fields, ends).prop_map(|(fields, end)| format!("{{{}{end}", fields.join(","))),
        changes.prop_map(|(record, place, text)| {
            let (begin, end) = record.split_at(place);
            format!("{begin}{text}{end}")
        }),
        uris.prop_map(|(scheme, rest, query)| format!("{scheme}{rest}{query}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_by_the_single_readers(text in texts()) {
        against(&text, Input::read);
    }
}
