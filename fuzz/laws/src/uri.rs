//! The strict reader takes nothing that the tolerant one refuses, and reads it the same; a value
//! that was read is written, and what is written is read back equal.
//!
//! Input: the text of a URI.

use otp_uri::{Error, ErrorKind, KeyUri, MAX_LENGTH, ParsedUri};

use crate::errors;

/// The two readers.
struct Readers {
    tolerant: fn(&str) -> Result<ParsedUri, Error>,
    strict: fn(&str) -> Result<KeyUri, Error>,
}

const OURS: Readers = Readers { tolerant: KeyUri::parse, strict: KeyUri::parse_strict };

/// The law.
pub fn check(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        against(text, &OURS);
    }
}

fn against(text: &str, readers: &Readers) {
    let tolerant = (readers.tolerant)(text);
    let strict = (readers.strict)(text);
    match (&tolerant, &strict) {
        (Ok(parsed), Ok(uri)) => {
            assert!(parsed.uri == *uri, "the two readers read two values");
            assert!(parsed.findings.iter().all(|it| it.is_conforming()), "strict is too kind");
            let dots = matches!(uri.label().account(), "." | "..");
            let again = (readers.strict)(&uri.to_string());
            assert!(dots || again.as_ref() == Ok(uri), "strict refuses what was written");
        }
        (Ok(parsed), Err(error)) => {
            let strict = parsed.findings.iter().find(|it| !it.is_conforming());
            let kind = strict.map(|finding| ErrorKind::Strict(finding.kind()));
            assert_eq!(
                (Some(error.kind()), Some(error.part())),
                (kind, strict.map(|it| it.part())),
                "strict is too stern"
            );
        }
        (Err(error), Err(same)) => assert_eq!(error, same),
        (Err(_), Ok(_)) => panic!("strict reads what tolerant refuses"),
    }
    match tolerant {
        Ok(parsed) => {
            reads_well(&parsed);
            white_space_does_not_matter(text, &parsed.uri, readers);
            written_is_read(&parsed.uri, readers);
        }
        Err(error) => errors::keep_quiet_on_text(text, &error, readers.tolerant),
    }
}

/// A parsed URI is bounded and does not show the key.
fn reads_well(parsed: &ParsedUri) {
    let findings: Vec<_> = parsed.findings.iter().collect();
    for (place, finding) in findings.iter().enumerate() {
        assert!(!findings[..place].contains(finding), "a finding is there twice");
    }
    let label = parsed.uri.label();
    for name in [Some(label.account()), label.issuer(), parsed.prefix.as_deref()] {
        assert!(name.is_none_or(|name| name.trim() == name), "a name is not trimmed");
    }
    assert!(label.issuer() != Some("") && parsed.prefix.as_deref() != Some(""));
    let shown = format!("{:?} {:?}", parsed.uri, parsed.findings);
    let secret = parsed.uri.secret().reveal_base32();
    let named = format!("{} {}", label.account(), label.issuer().unwrap_or_default());
    assert!(
        secret.as_str().len() < 16
            || named.contains(secret.as_str())
            || !shown.contains(secret.as_str()),
        "a key shows in Debug"
    );
    let generator = parsed.uri.generator();
    assert!(generator.parse("").is_err(), "a code of no digits");
}

fn white_space_does_not_matter(text: &str, uri: &KeyUri, readers: &Readers) {
    let wrapped = format!(" {text}\r\n");
    // After a number sign all is dropped.
    if wrapped.len() <= MAX_LENGTH {
        let again = (readers.tolerant)(&wrapped).expect("white space around it is trimmed");
        assert!(again.uri == *uri, "white space around it matters");
    }
}

/// What is written is read back equal, and written the same again.
pub(crate) fn survives(uri: &KeyUri) {
    written_is_read(uri, &OURS);
}

fn written_is_read(uri: &KeyUri, readers: &Readers) {
    let written = uri.to_string();
    assert!(written.is_ascii() && written.len() <= MAX_LENGTH, "it is no URI");
    let again = (readers.tolerant)(&written).expect("what was written is read");
    assert!(again.uri == *uri, "what was written is read otherwise");
    assert_eq!(again.prefix.as_deref(), uri.label().issuer());
    assert!(again.uri.to_string() == written, "what was written changes");
}

#[cfg(test)]
mod tests {
    use super::{OURS, Readers, against};
    use crate::control::notices;
    use otp_uri::{KeyUri, OtpKind};

    const LOWER: &str = "otpauth://totp/ACME:bob?secret=gezdgnbvgy3tqojqgezdgnbvgy&digits=8";

    #[test]
    fn reader_with_one_flaw_does_not() {
        let kind = Readers { strict: |text| KeyUri::parse(text).map(|it| it.uri), ..OURS };
        notices("strict is too kind", || against(LOWER, &kind));
        let conforming = "otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";
        let stern = Readers { strict: |_| KeyUri::parse_strict("x"), ..OURS };
        notices("strict is too stern", || against(conforming, &stern));
        let forgetful = |text: &str| {
            let mut parsed = KeyUri::parse(text)?;
            // What is canonical says "&digits=8" last.
            if text.ends_with("&digits=8&issuer=ACME") {
                let (label, secret, _) = parsed.uri.into_parts();
                parsed.uri = KeyUri::new(label, secret, OtpKind::default())?;
            }
            Ok(parsed)
        };
        notices("read otherwise", || against(LOWER, &Readers { tolerant: forgetful, ..OURS }));
    }
}
