//! The laws over arbitrary bytes, which `fuzz` has, too, on inputs that proptest makes.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
#![allow(clippy::string_slice, unreachable_pub)]

use otp_uri::{ErrorKind, KeyUri, Label, MAX_LENGTH, OtpKind};
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "../../../fuzz/laws/src/bytes.rs"]
mod bytes;
#[path = "../../../fuzz/laws/src/control.rs"]
mod control;
#[path = "../../../fuzz/laws/src/errors.rs"]
mod errors;
#[cfg(feature = "migration")]
#[path = "../../../fuzz/laws/src/migration.rs"]
mod migration;
#[path = "../../../fuzz/laws/src/uri.rs"]
mod uri;
#[path = "../../../fuzz/laws/src/uri_values.rs"]
mod uri_values;

const KEY: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";

/// Parts of names: those with a meaning in a URI, and those that programs misread.
const PIECES: &str = ": % %3A %2e + & # / ? @ = . .. \u{feff} \u{202e} \u{5d0}\u{5d1} e\u{301} \u{1f511} \
    \0 \\ a é == 0";

fn pieces() -> impl Strategy<Value = &'static str> {
    let pieces = PIECES.split(' ').chain(["", " ", "\t", "\n", "\u{a0}"]);
    select(pieces.collect::<Vec<_>>())
}

fn names() -> impl Strategy<Value = String> {
    let mixed = prop::collection::vec(pieces(), 1..8).prop_map(|parts| parts.concat());
    prop_oneof![mixed, ".*", "[a-z]{1,20}"]
}

/// The collected URIs.
fn collection() -> Vec<String> {
    let path = format!("{}/../../vectors/otpauth-uris.json", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().map(|case| case["uri"].as_str().unwrap().to_owned()).collect()
}

/// The collection, each URI with some changed characters.
fn damaged() -> impl Strategy<Value = String> {
    let changes = (any::<Index>(), 0_usize..3, pieces());
    (select(collection()), prop::collection::vec(changes, 0..5)).prop_map(|(uri, changes)| {
        let mut text: Vec<char> = uri.chars().take(400).collect();
        for (place, length, piece) in changes {
            let place = place.index(text.len() + 1);
            text.splice(place..(place + length).min(text.len()), piece.chars());
        }
        text.into_iter().collect()
    })
}

/// URIs with any label, any query, or both well formed in part.
fn texts() -> impl Strategy<Value = String> {
    let query = "((secret|issuer|algorithm|digits|period|counter|encoder|image|x|)[=%]?\
        (GEZDGNBVGY3TQOJQ|SHA-?(1|256)|steam|[0-9+]{0,3}|[ -~]{0,9})&){0,5}";
    let label = "([aé+ ]?:)?[a:@%.é+ ]{0,4}";
    let colons = |text: String| text.replace('%', "%3A").replace('é', "%C3%A9").replace(' ', "%20");
    prop_oneof![
        "[ -~]{0,60}".prop_map(|label| format!("otpauth://totp/{label}?{KEY}")),
        (label, "(&issuer=[a:+%é]{0,3})?").prop_map(move |(label, issuer)| colons(format!(
            "otpauth://totp/{label}?{KEY}{issuer}"
        ))),
        ("(totp|hotp|steam|TOTP)", query)
            .prop_map(|(kind, query)| format!("otpauth://{kind}/ACME:bob?{query}{KEY}")),
        ".{0,200}",
    ]
}

#[test]
fn collected_uris_keep_the_law() {
    collection().iter().for_each(|text| uri::check(text.as_bytes()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn readers_keep_the_law(text in prop_oneof![2 => damaged(), 1 => texts()]) {
        uri::check(text.as_bytes());
    }

    #[test]
    fn writer_keeps_the_law(
        head: [u8; 3], number in prop_oneof![0..100_u64, any::<u64>(), Just(u64::MAX)],
        account in names(), issuer in prop::option::of(names()),
        key in prop::collection::vec(any::<u8>(), 1..70),
    ) {
        let issuer_bytes = issuer.clone().unwrap_or_default().into_bytes();
        prop_assume!(issuer_bytes.len() < 256);
        let lengths = [u8::from(issuer.is_some()), issuer_bytes.len() as u8, key.len() as u8];
        let parts = [&issuer_bytes[..], &key, account.as_bytes()].concat();
        uri_values::check(&[&head[..], &lengths, &number.to_be_bytes(), &parts].concat());
    }

    /// The reader passes plain labels to the URL parser unchanged.
    #[test]
    fn plain_labels_are_read_unchanged(label in "[^:?\\t\\r\\n%./]{1,40}") {
        let uri = KeyUri::parse(&format!("otpauth://totp/{label}?{KEY}")).unwrap().uri;
        prop_assert_eq!(uri.label().account(), label.trim());
    }
}

#[cfg(feature = "migration")]
proptest! {
    /// Each account has a key, short names, and algorithm, digits, type or counter by their tags.
    #[test]
    fn exports_keep_the_law(
        accounts in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..40), names(), 0_usize..3,
             prop_oneof![Just(String::new()), Just("I".into()), names()],
             prop::collection::vec((0_u8..4, 0_u8..4), 0..5)), 0..25),
        batch in "[\u{10}\u{18}\u{20}\u{28}][\0-\u{7f}]",
    ) {
        let mut payload = vec![1];
        for (key, name, prefixes, issuer, numbers) in accounts {
            // A name may begin with the issuer, and with the issuer once more.
            let name = "I:".repeat(prefixes) + &name;
            let texts = [(0x0a, key), (0x12, name.into_bytes()), (0x1a, issuer.into_bytes())];
            let mut account = Vec::new();
            for (tag, text) in texts.into_iter().filter(|(_, text)| (1..40).contains(&text.len())) {
                account.extend([tag, text.len() as u8]);
                account.extend(text);
            }
            account.extend(numbers.iter().flat_map(|(tag, number)| [0x20 + 8 * tag, *number]));
            // One byte is enough for its length.
            if account.len() < 128 {
                payload.extend([0x0a, account.len() as u8]);
                payload.extend(account);
            }
        }
        payload.extend(batch.into_bytes());
        migration::check(&payload);
    }

    #[test]
    fn damaged_exports_keep_the_law(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        migration::check(&[&[1], &payload[..]].concat());
    }
}

/// A URI is made only if it can be read back, and a text is measured before it is read.
#[test]
fn length_is_bounded() {
    let make = |account: usize| {
        let secret = otp_core::Secret::new(b"12345678901234567890").unwrap();
        KeyUri::new(Label::new(&"a".repeat(account)).unwrap(), secret, OtpKind::default())
    };
    let rest = make(1).unwrap().to_string().len() - 1;
    let longest = make(MAX_LENGTH - rest).unwrap().to_string();
    assert_eq!(longest.len(), MAX_LENGTH);
    assert!(KeyUri::parse(&longest).is_ok());
    assert_eq!(make(MAX_LENGTH - rest + 1).unwrap_err().kind(), ErrorKind::TooLong);
    // The raw text of the second is short enough, and its canonical form is too long.
    let umlauts = format!("otpauth://totp/{}?{KEY}", "é".repeat(3000));
    for text in [longest + "a", umlauts, "\n".repeat(1 << 20)] {
        let error = KeyUri::parse(&text).unwrap_err();
        assert_eq!(error.to_string(), "URI must be at most 8192 bytes");
    }
}
