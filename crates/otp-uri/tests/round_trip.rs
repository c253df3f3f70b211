//! Written URIs are read back as equal for all names. The strict reader accepts a part of what the
//! tolerant one accepts.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::{ErrorKind, FindingKind, KeyUri, Label, MAX_LENGTH, OtpKind};
use proptest::prelude::*;

/// Names of all kinds. Characters with a meaning in a URI are more likely.
fn names() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        &[
            ":",
            "%",
            "%3A",
            "%2e",
            "+",
            "&",
            "#",
            "/",
            "?",
            "@",
            "=",
            ".",
            "..",
            " ",
            "\t",
            "\u{a0}",
            "\u{feff}",
            "\u{202e}",
            "\u{5d0}\u{5d1}",
            "e\u{301}",
            "\u{1f511}",
            "\0",
            "\\",
            "a",
            "é",
        ][..],
    );
    let mixed = prop::collection::vec(special, 1..8).prop_map(|parts| parts.concat());
    prop_oneof![
        mixed,
        ".*",
        prop::collection::vec(any::<char>(), 1..20).prop_map(String::from_iter)
    ]
}

fn kinds() -> impl Strategy<Value = OtpKind> {
    let algorithms = prop::sample::select(Algorithm::ALL);
    let digits = (6_u8..=10).prop_map(|digits| Digits::new(digits).unwrap());
    let numbers = prop_oneof![0..100_u64, any::<u64>(), Just(u64::MAX)];
    (0..3, algorithms, digits, numbers).prop_map(|(kind, algorithm, digits, number)| match kind {
        0 => OtpKind::Totp { algorithm, digits, period: Period::from_secs(number.max(1)).unwrap() },
        1 => OtpKind::Hotp { algorithm, digits, counter: number },
        _ => OtpKind::Steam,
    })
}

fn secrets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..70)
}

/// Creates a value of these parts, if they are valid.
fn make(account: &str, issuer: Option<&str>, secret: &[u8], kind: OtpKind) -> Option<KeyUri> {
    let mut label = Label::new(account).ok()?;
    if let Some(issuer) = issuer {
        label = label.with_issuer(issuer).ok()?;
    }
    KeyUri::new(label, Secret::new(secret).unwrap(), kind).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn reading_undoes_writing(
        account in names(),
        issuer in prop::option::of(names()),
        secret in secrets(),
        kind in kinds(),
    ) {
        let Some(uri) = make(&account, issuer.as_deref(), &secret, kind) else { return Ok(()) };
        let text = uri.to_string();
        prop_assert!(text.is_ascii() && text.len() <= MAX_LENGTH);
        let parsed = KeyUri::parse(&text).unwrap();
        prop_assert_eq!(&parsed.uri, &uri);
        prop_assert_eq!(parsed.prefix.as_deref(), uri.label().issuer());
        prop_assert_eq!(parsed.uri.to_string(), text.as_str());

        // The strict reader accepts it, unless no specification has such a value.
        let label = uri.label();
        let colon = label.account().contains(':')
            || label.issuer().is_some_and(|issuer| issuer.contains(':'))
            || (label.issuer().is_none() && matches!(label.account(), "." | ".."));
        let known = !colon && match kind {
            OtpKind::Totp { digits, .. } | OtpKind::Hotp { digits, .. } => digits <= Digits::EIGHT,
            _ => false,
        };
        prop_assert_eq!(KeyUri::parse_strict(&text).is_ok(), known, "{}", text);
    }

    /// The strict reader accepts the canonical form of each URI that it accepts, except if the trimmed
    /// account is a segment of dots.
    #[test]
    fn strict_is_closed_under_writing(
        account in "[a:@%.é+ ]{0,4}",
        prefix in "([aé+ ]?:)?",
        issuer in "(&issuer=[a:+%é]{0,3})?",
    ) {
        let text = format!("otpauth://totp/{prefix}{account}?secret=GEZDGNBVGY3TQOJQ{issuer}");
        let text = text.replace('%', "%3A").replace('é', "%C3%A9").replace(' ', "%20");
        if let Ok(uri) = KeyUri::parse_strict(&text)
            && !matches!(uri.label().account(), "." | "..")
        {
            prop_assert_eq!(KeyUri::parse_strict(&uri.to_string()), Ok(uri), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        agree(&text);
    }

    #[test]
    fn no_label_makes_a_reader_panic(text in "[ -~]{0,60}") {
        agree(&format!("otpauth://totp/{text}?secret=MFRGGZDFMZTWQ2LK"));
    }

    #[test]
    fn no_query_makes_a_reader_panic(
        pairs in prop::collection::vec(
            "(secret|issuer|algorithm|digits|period|counter|encoder|image|x|)[=%]?\
             (GEZDGNBVGY3TQOJQ|SHA-?(1|256)|steam|[0-9+]{0,3}|[ -~]{0,9})", 0..6),
        kind in "(totp|hotp|steam|TOTP)",
    ) {
        let query = pairs.join("&");
        agree(&format!("otpauth://{kind}/ACME:bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY&{query}"));
        agree(&format!("otpauth://{kind}/ACME:bob?{query}"));
    }

    /// The reader passes plain labels to the URL parser unchanged.
    #[test]
    fn plain_labels_are_read_unchanged(label in "[^:?\\t\\r\\n%./]{1,40}") {
        let text = format!("otpauth://totp/{label}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY");
        let uri = KeyUri::parse(&text).unwrap().uri;
        prop_assert_eq!(uri.label().account(), label.trim());
    }
}

/// The collection of URIs, each with some changed characters.
fn damaged() -> impl Strategy<Value = String> {
    let path = format!("{}/../../vectors/otpauth-uris.json", env!("CARGO_MANIFEST_DIR"));
    let file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let uris: Vec<String> = cases.iter().map(|c| c["uri"].as_str().unwrap().into()).collect();
    let pieces =
        &["", ":", "%", "%3A", "%2e", "/", "?", "#", "&", "=", "+", " ", "\n", "é", "0", "=="];
    let changes = (any::<prop::sample::Index>(), 0_usize..3, prop::sample::select(&pieces[..]));
    (prop::sample::select(uris), prop::collection::vec(changes, 0..5)).prop_map(|(uri, changes)| {
        let mut text: Vec<char> = uri.chars().take(400).collect();
        for (place, length, piece) in changes {
            let place = place.index(text.len() + 1);
            text.splice(place..(place + length).min(text.len()), piece.chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn damage_makes_no_reader_panic(text in damaged()) {
        agree(&text);
    }
}

/// Checks that the strict reader accepts only what the tolerant one accepts, and reads an equal value.
fn agree(text: &str) {
    let tolerant = KeyUri::parse(text);
    match KeyUri::parse_strict(text) {
        Ok(uri) => assert_eq!(uri, tolerant.unwrap().uri),
        Err(error) => match tolerant {
            Ok(parsed) => {
                assert!(matches!(error.kind(), ErrorKind::Strict(_)), "{error}");
                assert!(parsed.findings.iter().any(|finding| !finding.is_conforming()));
            }
            Err(same) => assert_eq!(error, same),
        },
    }
    if let Ok(parsed) = KeyUri::parse(text) {
        let again = KeyUri::parse(&parsed.uri.to_string()).unwrap();
        assert_eq!(again.uri, parsed.uri, "{text}");
    }
}

#[test]
fn names_that_look_like_syntax_are_preserved() {
    for (account, issuer, path) in [
        (".", None, ":."),
        ("..", None, ":.."),
        (".", Some("."), ".:."),
        ("a:b", None, ":a%3Ab"),
        (":", None, ":%3A"),
        ("a:b", Some("I"), "I:a%3Ab"),
        ("I:a", Some("I"), "I:I%3Aa"),
        ("b", Some("I:a"), "I%3Aa:b"),
        ("%3A", None, "%253A"),
        ("%2e", None, "%252e"),
        ("a/../b", None, "a%2F..%2Fb"),
        ("bob@x.org", Some("a@b"), "a@b:bob@x.org"),
        ("...", None, "..."),
    ] {
        let uri = make(account, issuer, b"12345678901234567890", OtpKind::default()).unwrap();
        let text = uri.to_string();
        assert_eq!(text.split_once('?').unwrap().0, format!("otpauth://totp/{path}"));
        assert_eq!(KeyUri::parse(&text).unwrap().uri, uri);
    }
}

#[test]
fn names_are_trimmed_and_not_empty() {
    let label = Label::new(" \u{2003}bob\u{a0}").unwrap().with_issuer("\tACME\n").unwrap();
    assert_eq!((label.account(), label.issuer()), ("bob", Some("ACME")));
    assert_eq!(Label::new(" \t").unwrap_err().kind(), ErrorKind::Empty);
    assert_eq!(label.with_issuer("").unwrap_err().kind(), ErrorKind::Empty);
}

#[test]
fn values_that_could_not_be_read_back_are_rejected() {
    let fits = |count| make(&"a".repeat(count), None, b"12345678901234567890", OtpKind::default());
    let rest = fits(1).unwrap().to_string().len() - 1;
    assert!(KeyUri::parse(&fits(MAX_LENGTH - rest).unwrap().to_string()).is_ok());
    assert!(fits(MAX_LENGTH - rest + 1).is_none());
    // The raw text is short enough, and the canonical form is too long.
    let text = format!("otpauth://totp/{}?secret=GEZDGNBV", "é".repeat(3000));
    assert_eq!(KeyUri::parse(&text).unwrap_err().kind(), ErrorKind::TooLong);
}

#[test]
fn length_is_bounded_before_anything_is_read() {
    let uri = |length: usize| {
        let head = "otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY&x=";
        format!("{head}{}", "y".repeat(length - head.len()))
    };
    assert!(KeyUri::parse(&uri(MAX_LENGTH)).is_ok());
    let error = KeyUri::parse(&uri(MAX_LENGTH + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong);
    assert_eq!(KeyUri::parse(&"\n".repeat(1 << 20)).unwrap_err(), error);
}

/// A control: the property about strict texts notices a reader that accepts everything.
#[test]
fn strict_reader_refuses_what_the_tolerant_one_reports() {
    let parsed = KeyUri::parse("otpauth://totp/bob?secret=gezdgnbvgy3tqojqgezdgnbvgy").unwrap();
    assert!(parsed.findings.contains(FindingKind::LetterCase));
    assert!(KeyUri::parse_strict("otpauth://totp/bob?secret=gezdgnbvgy3tqojqgezdgnbvgy").is_err());
}
