//! The dictionaries are well formed, and the reader of URIs knows their parameters.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::std_instead_of_alloc)]

use std::collections::BTreeSet;

use otp_uri::{FindingKind, KeyUri};

const OTPAUTH: &str = include_str!("../otpauth.dict");
const RECORDS: &str = include_str!("../records.dict");

/// Reads an entry as libFuzzer does: up to 64 bytes, quoted, with escapes `\\`, `\"` and `\xAB`.
fn entry(line: &str) -> Option<Vec<u8>> {
    let text = line.strip_prefix('"')?.strip_suffix('"')?;
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'x' => {
                    let hex = String::from_utf8(rest.by_ref().take(2).collect()).ok()?;
                    u8::from_str_radix(&hex, 16).ok()?
                }
                escaped @ (b'\\' | b'"') => escaped,
                _ => return None,
            },
            b' '..=b'~' if byte != b'"' => byte,
            _ => return None,
        });
    }
    (1..=64).contains(&bytes.len()).then_some(bytes)
}

fn entries(text: &str) -> Vec<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| entry(line).unwrap_or_else(|| panic!("malformed: {line}"))).collect()
}

#[test]
fn entries_are_well_formed_and_unique() {
    for text in [OTPAUTH, RECORDS] {
        let all = entries(text);
        assert!(all.len() > 40);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}

#[test]
fn control_malformed_entries_are_noticed() {
    for line in ["totp", "\"totp", "\"\"", "\"a\"b\"", "\"\\n\"", "\"\\xg0\"", "\"é\""] {
        assert_eq!(entry(line), None, "{line}");
    }
    assert_eq!(entry(r#""\\\"\x00a""#).unwrap(), b"\\\"\0a");
}

/// Returns whether the reader reports a parameter as unknown. A second `secret` is an error, so it is
/// known.
fn is_unknown(parameter: &str) -> bool {
    let uri = format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP{parameter}1");
    KeyUri::parse(&uri).is_ok_and(|reading| {
        reading.findings.iter().any(|it| it.kind() == FindingKind::UnknownParameter)
    })
}

#[test]
fn reader_knows_every_parameter() {
    let parameters: Vec<String> = entries(OTPAUTH)
        .into_iter()
        .filter_map(|it| String::from_utf8(it).ok())
        .filter(|it| it.starts_with('&') && it.ends_with('='))
        .collect();
    assert_eq!(parameters.len(), 10);
    for parameter in parameters {
        assert!(!is_unknown(&parameter), "{parameter}");
    }
    assert!(is_unknown("&nonsense="));
}
