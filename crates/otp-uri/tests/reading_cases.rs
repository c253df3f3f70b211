//! Texts that were once misread silently. The tests of the command use this file of cases, too.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use otp_core::UnixTime;
use otp_uri::{BareKey, Error, Findings, Generator, KeyUri, OtpKind, is_uri};
use serde_json::{Value, json};

fn cases() -> Vec<Value> {
    let path = format!("{}/../../vectors/reading-cases.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn code(kind: OtpKind, generator: &Generator) -> String {
    let code = match (generator, kind) {
        (Generator::Totp(totp), _) => totp.generate(UnixTime::from_secs(59)).code(),
        (Generator::Hotp(hotp), OtpKind::Hotp { counter, .. }) => hotp.generate(counter),
        _ => panic!("a counter without its kind"),
    };
    code.text().as_str().to_owned()
}

fn read(text: &str) -> Result<(String, Findings), Error> {
    if is_uri(text) {
        let parsed = KeyUri::parse(text)?;
        let code = code(*parsed.uri.kind(), &parsed.uri.generator());
        return Ok((code, parsed.findings));
    }
    let key = BareKey::parse(text)?;
    let kind = OtpKind::default();
    Ok((code(kind, &Generator::new(kind, &key.secret)), key.findings))
}

fn outcome(text: &str) -> Value {
    match read(text) {
        Ok((code, findings)) => {
            let mut codes: Vec<_> = findings.iter().map(otp_uri::Finding::code).collect();
            codes.dedup();
            json!({ "code": code, "findings": codes })
        }
        Err(error) => json!({ "error": error.kind().name() }),
    }
}

#[test]
fn reading_cases_have_the_expected_outcome() {
    let cases = cases();
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let outcome = outcome(case["input"].as_str().unwrap());
            let is_right = match case["library"]["error"].as_str() {
                Some("unknown_form") => !outcome["error"].is_null(),
                _ => outcome == case["library"],
            };
            (!is_right).then(|| (case["id"].clone(), outcome, case["library"].clone()))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases.len() > 80);
}

/// The strict reader accepts no text that the tolerant one refuses, and reads no other value.
#[test]
fn reading_cases_accepted_by_the_strict_reader_are_tolerated() {
    for case in cases() {
        let text = case["input"].as_str().unwrap();
        if let Ok(strict) = KeyUri::parse_strict(text) {
            assert_eq!(KeyUri::parse(text).unwrap().uri, strict, "{}", case["id"]);
        }
    }
}
