//! The findings of the tolerant reader, rule by rule, and which of them the strict reader refuses.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use otp_uri::{ErrorKind, FindingKind, KeyUri, ParsedUri};

const KEY: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn read(text: &str) -> ParsedUri {
    KeyUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Returns the findings as `code:part`, with an exclamation mark if the strict reader refuses them.
fn findings(text: &str) -> String {
    let show = |finding: otp_uri::Finding| {
        let mark = if finding.is_conforming() { "" } else { "!" };
        format!("{mark}{}:{}", finding.code(), finding.part().name())
    };
    read(text).findings.iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn conforming_uris_have_no_findings() {
    for text in [
        format!("otpauth://totp/ACME:bob?{KEY}&issuer=ACME"),
        format!("otpauth://totp/bob?{KEY}&algorithm=SHA256&digits=8&period=60"),
        format!("otpauth://hotp/bob?{KEY}&counter=0"),
        format!("otpauth://totp/ACME%3A%20bob%40x.org?{KEY}"),
    ] {
        assert_eq!(findings(&text), "", "{text}");
        assert!(KeyUri::parse_strict(&text).is_ok());
    }
}

#[test]
fn finding_is_found_by_its_kind() {
    let findings = read(&format!(" otpauth://totp/bob?{KEY}")).findings;
    assert!(findings.contains(FindingKind::SurroundingSpace));
    assert!(!findings.contains(FindingKind::LineBreak));
}

#[test]
fn control_character_is_reported_beside_other_findings() {
    for name in ["%E2%80%AE", "%E2%80%AE%C3%A9", "b%00b", "%C2%86", "b%E2%81%A6", "b%00b%00"] {
        let text = format!("otpauth://totp/{name}?{KEY}");
        assert_eq!(findings(&text), "control_character:account", "{name}");
    }
    for mark in ["%E2%80%8E", "%E2%80%8F", "%D8%9C", "%E2%80%AA", "%E2%81%A9"] {
        let text = format!("otpauth://totp/{mark}bob?{KEY}");
        assert_eq!(findings(&text), "control_character:account", "{mark}");
    }
    // The issuer in the label is checked, too, since an application may show it.
    let text = format!("otpauth://totp/AC%1bME:bob?{KEY}&issuer=ACME");
    assert_eq!(findings(&text), "prefix_differs:issuer control_character:issuer");
    for name in ["%C3%A9", "b%C3%A9", "%E2%80%8D", "%E2%80%90", "%E2%81%AA", "bob"] {
        assert_eq!(findings(&format!("otpauth://totp/{name}?{KEY}")), "", "{name}");
    }
}

#[test]
fn each_deviation_is_reported() {
    let plain = format!("otpauth://totp/ACME:bob?{KEY}");
    for (text, expected) in [
        (format!(" {plain}\r\n"), "!surrounding_space:uri"),
        (plain.replace("bob", "b\nob"), "!line_break:uri"),
        (plain.replace("otpauth", "OtpAuth"), "letter_case:scheme"),
        (plain.replace("otpauth", "apple-otpauth"), "!spelling:scheme"),
        (plain.replace("otpauth", "Apple-OTPAuth"), "letter_case:scheme !spelling:scheme"),
        (plain.replace("totp", "TOTP"), "letter_case:type"),
        (plain.replace("secret", "Secret"), "letter_case:parameters"),
        (plain.replace("secret", "%73ecret"), "!escaped_name:parameters"),
        (plain.replace("bob", "b b"), "!raw_character:label"),
        (plain.replace("bob", "b#b"), "!raw_character:label"),
        (plain.replace("bob", "é"), "!raw_character:label"),
        (format!("{plain}&x={{}}"), "!raw_character:parameters unknown_parameter:parameters"),
        (plain.replace("bob", "%e9"), "!not_utf8:label"),
        (format!("{plain}#x"), "!fragment:uri"),
        (plain.replace("bob", "b%1b%5bob"), "control_character:account"),
        (plain.replace("bob", "%E2%80%AEbob"), "control_character:account"),
        (plain.replace("/ACME:bob", ""), "!no_label:label !empty_account:account"),
        (plain.replace("ACME:bob", ""), "!no_label:label !empty_account:account"),
        (plain.replace("ACME:bob", ":bob"), "!empty_prefix:label"),
        (plain.replace("bob", "%20"), "!empty_account:account"),
        (plain.replace("bob", "bob:1"), "!extra_colon:label"),
        (plain.replace("bob", "bob%3a1"), "!extra_colon:label"),
        (format!("{plain}&issuer=AC%3aME"), "!extra_colon:issuer prefix_differs:issuer"),
        (format!("otpauth://totp/bob?{KEY}&issuer=:"), "!extra_colon:issuer"),
        (format!("{plain}&issuer=acme"), "prefix_differs:issuer"),
        (format!("{plain}&issuer="), "empty_value:issuer"),
        (format!("{plain}&issuer=%20"), "empty_value:issuer"),
        (format!("{plain}&issuer=AC+ME"), "plus_as_space:issuer prefix_differs:issuer"),
        (format!("{plain}&digits="), "!empty_value:digits"),
        (format!("{plain}&period="), "!empty_value:period"),
        (format!("{plain}&algorithm="), "!empty_value:algorithm"),
        (format!("{plain}&counter="), "!empty_value:counter"),
        (format!("{plain}&"), "!stray_text:parameters"),
        (format!("{plain}&x"), "!stray_text:parameters"),
        (format!("{plain}&=x"), "!stray_text:parameters"),
        (format!("{plain}&x=y&x=z"), "unknown_parameter:parameters"),
        (format!("{plain}&amp;digits=8"), "!escaped_ampersand:parameters"),
        (format!("{plain}&counter=5"), "ignored_parameter:counter"),
        (format!("{plain}&counter=x"), "ignored_parameter:counter !not_a_number:counter"),
        (format!("{plain}&encoder=x"), "unknown_encoder:encoder"),
        (format!("{plain}&encoder="), "!empty_value:encoder"),
        (plain.replace("?", "?amp;"), "!escaped_ampersand:parameters"),
        (format!("{plain}&amp;AMP;period=30"), "!escaped_ampersand:parameters"),
        (format!("{plain}&#038;period=30"), "!escaped_ampersand:parameters"),
        (format!("{plain}&#x26;period=30"), "!escaped_ampersand:parameters"),
        (format!("{plain}\\u0026period=30"), "!escaped_ampersand:parameters"),
        (format!("{plain}&#39;period=30"), "!fragment:uri !stray_text:parameters"),
        (
            format!("{plain}&image=x&color=y&lock=z"),
            "kept_aside:image kept_aside:color kept_aside:lock",
        ),
        (format!("{plain}&image=x&image=y"), "repeated:image kept_aside:image"),
        (format!("{plain}&digits=%2B8"), "!sign:digits"),
        (format!("{plain}&digits=+8"), "plus_as_space:digits !sign:digits"),
        (format!("{plain}&digits=08"), "!leading_zeros:digits"),
        (format!("{plain}&period=030"), "leading_zeros:period"),
        (format!("{plain}&algorithm=sha1"), "letter_case:algorithm"),
        (format!("{plain}&algorithm=SHA-1"), "!spelling:algorithm"),
        (format!("{plain}&algorithm=hmacsha256"), "!spelling:algorithm"),
        (format!("{plain}&digits=9"), "!biased_digits:digits"),
        (format!("{plain}&period=120"), ""),
        (format!("{plain}&period=121"), "long_period:period"),
        (plain.replace("totp", "hotp"), "!missing_counter:counter"),
        (
            format!("{}&period=0", plain.replace("totp", "hotp") + "&counter=1"),
            "ignored_parameter:period",
        ),
        (plain.replace("GEZD", "gezd"), "!letter_case:secret"),
        (plain.replace("GEZD", "GE-ZD"), "!separators:secret"),
        (plain.replace("GEZD", "GE+ZD"), "plus_as_space:secret !separators:secret"),
        (plain.replace("GEZD", "GE%20ZD"), "!separators:secret"),
        (format!("{}GE======", plain), "padding:secret"),
        (format!("{}GE%3D%3D%3D%3D%3D%3D", plain), "padding:secret"),
        (format!("{}GE=", plain), "!stray_padding:secret"),
        (format!("{}GF", plain), "!unused_bits:secret"),
        (format!("{}A", plain), "!unused_letter:secret"),
        (plain.replace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "GE"), "short_key:secret"),
        (plain.replace("totp", "steam"), "!steam_guard:type"),
        (
            format!("{plain}&encoder=STEAM&digits=7&period=x"),
            "!steam_guard:encoder ignored_parameter:digits ignored_parameter:period !not_a_number:period",
        ),
        (
            format!("{plain}&issuer=steam&digits=5"),
            "prefix_differs:issuer !steam_guard:issuer ignored_parameter:digits",
        ),
        ("steam://GEZDGNBVGY3TQOJQGEZDGNBVGY".into(), "!steam_guard:scheme"),
    ] {
        assert_eq!(findings(&text), expected, "{text}");
        let strict = KeyUri::parse_strict(&text);
        assert_eq!(strict.is_err(), expected.contains('!'), "{text}");
        if let Err(error) = strict {
            let ErrorKind::Strict(kind) = error.kind() else { panic!("{error}") };
            assert!(expected.contains(&format!("!{}:{}", kind.code(), error.part().name())));
            assert_eq!(error.kind().name(), kind.code());
        }
    }
}

#[test]
fn values_follow_the_rules() {
    let uri = |query: &str| read(&format!("otpauth://totp/P:bob?{KEY}{query}"));
    assert_eq!(uri("&issuer=I").uri.label().issuer(), Some("I"));
    assert_eq!(uri("&issuer=I").prefix.as_deref(), Some("P"));
    assert_eq!(uri("&issuer=").uri.label().issuer(), Some("P"));
    let apple = read(&format!("apple-otpauth://totp/P:bob?{KEY}&issuer=I"));
    assert_eq!(apple.uri, uri("&issuer=I").uri);
    let aside = uri("&image=https%3A%2F%2Fx.org%2Fa+b&color=fff&lock=true&lock=false");
    assert_eq!(aside.image.as_deref(), Some("https://x.org/a b"));
    assert_eq!((aside.color.as_deref(), aside.lock.as_deref()), (Some("fff"), Some("true")));

    let label = |path: &str, issuer: &str| {
        let parsed = read(&format!("otpauth://totp/{path}?{KEY}&issuer={issuer}"));
        let label = parsed.uri.label().clone();
        (label.issuer().map(String::from), String::from(label.account()), parsed.prefix)
    };
    let some = |text: &str| Some(String::from(text));
    for (path, issuer, expected) in [
        // The first colon, escaped or not, and no colon from an escaped escape.
        ("a%3Ab:c", "", (some("a"), "b:c".into(), some("a"))),
        ("a:b%3Ac", "", (some("a"), "b:c".into(), some("a"))),
        ("a%253Ab:c", "", (some("a%3Ab"), "c".into(), some("a%3Ab"))),
        // An issuer with colons.
        ("h:80:bob", "h%3A80", (some("h:80"), "bob".into(), some("h:80"))),
        ("h:80:", "h%3A80", (some("h:80"), String::new(), some("h:80"))),
        ("h:80", "h%3A80", (some("h:80"), "80".into(), some("h"))),
        ("h:8000:bob", "h%3A80", (some("h:80"), "8000:bob".into(), some("h"))),
        ("%C3%A9%3A:bob", "%C3%A9%3A", (some("é:"), "bob".into(), some("é:"))),
        ("h:80:bob", "+h%3A80+", (some("h:80"), "bob".into(), some("h:80"))),
        ("%20h:80%20:bob", "h%3A80", (some("h:80"), "bob".into(), some("h:80"))),
        // White space around the parts is trimmed.
        ("%20a%20:%20b%20", "", (some("a"), "b".into(), some("a"))),
        ("%20:b", "", (None, "b".into(), None)),
        ("b", "+i+", (some("i"), "b".into(), None)),
        // A plus sign in the path stays a plus sign.
        ("a+b:c+d", "", (some("a+b"), "c+d".into(), some("a+b"))),
        ("/a//b", "", (None, "/a//b".into(), None)),
    ] {
        assert_eq!(label(path, issuer), expected, "{path} {issuer}");
    }
}

/// Each finding is reported once for each part, for any number of deviations.
#[test]
fn findings_are_bounded() {
    let many = format!("otpauth://totp/ACME:bob?{KEY}{}", "&x=y&X".repeat(1300));
    assert_eq!(read(&many).findings.len(), 2);
}

#[test]
fn codes_are_unique_names() {
    let mut codes: Vec<_> = FindingKind::ALL.iter().map(|kind| kind.code()).collect();
    assert!(
        codes
            .iter()
            .all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'8')))
    );
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), FindingKind::ALL.len());
}

/// The README's table has each code once, with its meaning for the strict reader.
#[test]
fn readme_lists_every_finding() {
    let readme = include_str!("../README.md");
    for kind in FindingKind::ALL {
        let row = format!("| `{}` |", kind.code());
        assert_eq!(readme.matches(&row).count(), 1, "{row}");
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
