//! What is read and reported, rule by rule, what is refused, and with which words.
//!
//! `data/findings.json` has URIs under the findings that they have, as `code:part`, with an exclamation
//! mark if the strict reader refuses them. `data/errors.json` has URIs that are refused, `data/labels.json`
//! names as they are written and read.

#![cfg(test)]

use otp_core::UnixTime;
use otp_uri::{
    BareKey, Error, ErrorKind, FindingKind, Findings, Generator, KeyUri, OtpKind, ParsedUri, is_uri,
};
use serde_json::{Value, json};

const KEY: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn read(text: &str) -> ParsedUri {
    KeyUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

#[test]
fn each_deviation_is_reported() {
    let data: Value = serde_json::from_str(include_str!("data/findings.json")).unwrap();
    for (expected, uris) in data.as_object().unwrap() {
        for text in texts(uris) {
            let show = |finding: otp_uri::Finding| {
                let mark = if finding.is_conforming() { "" } else { "!" };
                format!("{mark}{}:{}", finding.code(), finding.part().name())
            };
            let found: Vec<_> = read(text).findings.iter().map(show).collect();
            assert_eq!(found.join(" "), *expected, "{text}");
            let strict = KeyUri::parse_strict(text);
            assert_eq!(strict.is_err(), expected.contains('!'), "{text}");
            if let Err(error) = strict {
                let ErrorKind::Strict(kind) = error.kind() else { panic!("{error}") };
                assert!(expected.contains(&format!("!{}:{}", kind.code(), error.part().name())));
                assert_eq!(error.kind().name(), kind.code());
            }
        }
    }
}

/// A `main` that returns an error prints `{:?}`, so that is the text.
#[test]
fn errors_name_the_part_and_the_bound() {
    let data: Value = serde_json::from_str(include_str!("data/errors.json")).unwrap();
    for row in data.as_array().unwrap() {
        for text in texts(&row["uris"]) {
            let error = KeyUri::parse(text).unwrap_err();
            let said = json!([error.kind().name(), error.part().name(), error.to_string()]);
            assert_eq!(said, json!([row["kind"], row["part"], row["text"]]), "{text}");
            assert_eq!(format!("{error:?}"), error.to_string());
            assert_eq!(KeyUri::parse_strict(text), Err(error), "{text}");
        }
    }
    let missing = KeyUri::parse("otpauth://totp/bob").unwrap_err();
    let pretty = "Error {\n    kind: Missing,\n    part: Secret,\n}";
    assert_eq!(format!("{missing:#?}"), pretty);
    let strict = KeyUri::parse_strict(&format!("otpauth://totp/bob?{}", KEY.to_lowercase()));
    let text = "outside the specifications: secret has letters in the other case";
    assert_eq!(strict.unwrap_err().to_string(), text);
}

#[test]
fn values_follow_the_rules() {
    let aside = read(&format!(
        "otpauth://totp/P:bob?{KEY}&image=https%3A%2F%2Fx.org%2Fa+b&color=fff&lock=true&lock=false"
    ));
    assert_eq!(aside.image.as_deref(), Some("https://x.org/a b"));
    assert_eq!((aside.color.as_deref(), aside.lock.as_deref()), (Some("fff"), Some("true")));

    // Label and issuer as they are in the URI; then issuer, account and prefix as they are read: the first
    // colon, escaped or not; an issuer with colons; white space around the parts; plus signs, of which the
    // path keeps its own.
    let rows: Vec<Value> = serde_json::from_str(include_str!("data/labels.json")).unwrap();
    for row in rows {
        let [path, issuer] = [&row[0], &row[1]].map(|text| text.as_str().unwrap());
        for scheme in ["otpauth", "apple-otpauth"] {
            let parsed = read(&format!("{scheme}://totp/{path}?{KEY}&issuer={issuer}"));
            let label = parsed.uri.label();
            let found = json!([path, issuer, label.issuer(), label.account(), parsed.prefix]);
            assert_eq!(found, row);
        }
    }
}

/// An ampersand that a page or a program has escaped is read as an ampersand.
#[test]
fn escaped_ampersands_lose_no_parameter() {
    let plain = format!("otpauth://totp/bob?{KEY}&issuer=A");
    let expected = read(&format!("{plain}&digits=8")).uri;
    for sign in ["&amp;", "&AMP;", "&amp;amp;", "&#38;", "&#038;", "&#x26;", "&#X026;", "\\u0026"] {
        assert_eq!(read(&format!("{plain}{sign}digits=8")).uri, expected, "{sign}");
        let twice = KeyUri::parse(&format!("{plain}&digits=6{sign}digits=8")).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::Duplicate, "{sign}");
    }
}

/// Each finding is reported once for each part, for any number of deviations.
#[test]
fn findings_are_bounded_and_found_by_their_kind() {
    let many = format!(" otpauth://totp/ACME:bob?{KEY}{}", "&x=y&X".repeat(1300));
    let findings = read(&many).findings;
    assert_eq!(findings.len(), 3);
    assert!(findings.contains(FindingKind::SurroundingSpace));
    assert!(!findings.contains(FindingKind::LineBreak));
}

/// The README's table has each code once, with its meaning for the strict reader.
#[test]
fn readme_lists_every_finding_by_its_own_code() {
    let readme = include_str!("../README.md");
    let mut codes = std::collections::HashSet::new();
    for kind in FindingKind::ALL {
        let code = kind.code();
        assert!(codes.insert(code), "{code} is there twice");
        assert!(code.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'8')));
        assert_eq!(readme.matches(&format!("| `{code}` |")).count(), 1, "{code}");
    }
}

#[test]
fn findings_are_shown_as_sentences() {
    let uri = format!(" otpauth://totp/bob?{KEY}&digits=9&x=y&period=300");
    let text: Vec<_> = read(&uri).findings.iter().map(|finding| finding.to_string()).collect();
    assert_eq!(
        text,
        [
            "URI has white space around it",
            "parameters have unknown names, which were ignored",
            "digits are more than the 31 bits of a code fill evenly",
            "period is longer than two minutes",
        ]
    );
}

fn code_at_59(kind: OtpKind, generator: &Generator) -> String {
    let code = match (generator, kind) {
        (Generator::Totp(totp), _) => totp.generate(UnixTime::from_secs(59)).code(),
        (Generator::Hotp(hotp), OtpKind::Hotp { counter, .. }) => hotp.generate(counter),
        _ => panic!("a counter without its kind"),
    };
    code.text().to_string()
}

/// Reads a URI or a bare key.
fn code_and_findings(text: &str) -> Result<(String, Findings), Error> {
    if is_uri(text) {
        let parsed = KeyUri::parse(text)?;
        return Ok((code_at_59(*parsed.uri.kind(), &parsed.uri.generator()), parsed.findings));
    }
    let (key, kind) = (BareKey::parse(text)?, OtpKind::default());
    Ok((code_at_59(kind, &Generator::new(kind, &key.secret)), key.findings))
}

/// Texts that were once misread silently. The tests of the command use this file of cases, too.
#[test]
fn reading_cases_have_the_expected_outcome() {
    let path = format!("{}/../../vectors/reading-cases.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 80);
    for case in cases {
        let outcome = match code_and_findings(case["input"].as_str().unwrap()) {
            Ok((code, findings)) => {
                let mut codes: Vec<_> = findings.iter().map(otp_uri::Finding::code).collect();
                codes.dedup();
                json!({ "code": code, "findings": codes })
            }
            // The library knows forms that are not its own by their errors.
            Err(_) if case["library"]["error"] == "unknown_form" => case["library"].clone(),
            Err(error) => json!({ "error": error.kind().name() }),
        };
        assert_eq!(outcome, case["library"], "{}", case["id"]);
    }
}
