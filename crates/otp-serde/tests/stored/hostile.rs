//! Hostile input gives an error in bounded memory, and the error repeats nothing of it.

use allocation_counter::measure;
use otp_serde::Input;
use otp_serde::passlib::PasslibRecord;
use proptest::prelude::*;
use serde_json::Value;

use crate::format::{Cbor, Format, Json, Postcard};
use crate::forms;

/// A text that no error may show. The same holds for the number.
const CANARY: &str = "CANARYCANARY";
const NUMBER: &str = "31415926535";

/// Reads a whole document with the reader of this name: of a form, of passlib's records, or of any text.
fn read<F: Format>(name: &str, bytes: &[u8]) -> Option<String> {
    match name {
        "input" => match str::from_utf8(bytes) {
            Ok(text) => Input::read(text).err().map(|error| error.to_string()),
            Err(_) => Some("not UTF-8".to_owned()),
        },
        "passlib" => F::decode::<PasslibRecord>(bytes).err(),
        _ => forms::refusal::<F>(name, bytes),
    }
}

/// A reader of bytes as the form of this name. Returns its error, if any.
type Reader = fn(&str, &[u8]) -> Option<String>;

/// Reads, and checks the memory that reading costs.
fn bounded(read: Reader, name: &str, bytes: &[u8]) -> Option<String> {
    let mut refusal = None;
    let cost = measure(|| refusal = read(name, bytes));
    let length = bytes.len() as u64;
    assert!(cost.bytes_max <= 4 * length + 65_536, "{name}: {} bytes for {length}", cost.bytes_max);
    // Each byte is allocated at most a few times.
    assert!(cost.bytes_total <= 16 * length + 65_536, "{name}: {} in all", cost.bytes_total);
    assert!(cost.count_total <= length + 64, "{name}: {} allocations", cost.count_total);
    refusal
}

/// Reads, and checks the memory and the text of the error.
fn attack(read: Reader, name: &str, bytes: &[u8]) -> Option<String> {
    let refusal = bounded(read, name, bytes);
    if let Some(error) = &refusal {
        let shows = error.contains(CANARY) || error.contains(NUMBER) || error.contains("27182.8");
        assert!(!shows, "{name} repeats what it read: {error}");
        assert!(error.len() < 200, "{name}: {error}");
    }
    refusal
}

/// Returns a document of each form, in JSON.
fn documents() -> Vec<(&'static str, String)> {
    let mut documents: Vec<_> = forms::golden::<Json>()
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect();
    let passlib = r#"{"alg":"sha256","digits":8,"enckey":{"c":4,"k":"AAAA","s":"AAAA","t":"1","v":1},"issuer":"I","label":"L","last_counter":5,"period":60,"type":"totp","v":1}"#;
    documents.push(("passlib", passlib.into()));
    let passlib = r#"{"counter":5,"key":"JBSWY3DPEHPK3PXP","start":5,"type":"hotp","v":1}"#;
    documents.push(("passlib", passlib.into()));
    documents.push(("input", passlib.into()));
    let record =
        r#"{"account":"a","issuer":"I","next":5,"secret":"JBSWY3DP","type":"steam","v":2}"#;
    documents.push(("input", record.into()));
    documents
}

/// Returns whether a document is a whole record, and not a field of a record.
fn is_record(name: &str) -> bool {
    matches!(name, "passlib" | "input")
}

/// Returns the positions of all values in a document, from the outside in.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    if let Value::Object(entries) = value {
        for (name, inner) in entries {
            found.extend(places(inner).into_iter().map(|place| format!("/{name}{place}")));
        }
    }
    found
}

#[test]
fn control_unchanged_documents_are_read() {
    for (name, document) in documents() {
        assert_eq!(attack(read::<Json>, name, document.as_bytes()), None, "{name} {document}");
    }
}

#[test]
fn wrong_values_are_rejected_in_any_position() {
    let long = format!("\"{}\"", "A".repeat(1 << 20));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_map = r#"{"a":"#.repeat(100_000);
    let canary = format!("\"{CANARY}!\"");
    let canary_key = format!(r#"{{"{CANARY}":1}}"#);
    let escaped = r#""\u0043ANARYCANARY\ud83d\udd11\n""#.to_owned();
    let spoilers = [
        canary.as_str(),
        &canary_key,
        &format!("[\"{CANARY}\"]"),
        &format!(r#"{{"until":"{CANARY}"}}"#),
        &escaped,
        r#""\ud800""#,
        &long,
        &deep,
        &deep_map,
        "-31415926535",
        "27182.8e0",
        "27182.8",
        "314159265358979323846",
        "1e400",
        "-0.5",
        "true",
        "[]",
        "{}",
        r#"{"a":1,"a":1}"#,
        "nul",
        "",
    ];
    for (name, document) in documents() {
        let value: Value = serde_json::from_str(&document).unwrap();
        for place in places(&value).into_iter().skip(usize::from(!is_record(name))) {
            let mut spoilt = value.clone();
            *spoilt.pointer_mut(&place).unwrap() = Value::String("SPOIL".into());
            let spoilt = serde_json::to_string(&spoilt).unwrap();
            for spoiler in spoilers {
                let taken =
                    attack(read::<Json>, name, spoilt.replace("\"SPOIL\"", spoiler).as_bytes());
                // An account and a secret may be any text, and may be absent.
                let is_name = ["/account", "/issuer", "/label"].iter().any(|n| place.ends_with(n));
                let is_secret = name == "secrets";
                // Two names that are absent.
                let is_empty = name == "label" && spoiler == "{}";
                assert!(
                    taken.is_some() || is_name || is_secret || is_empty,
                    "{name} {place} {spoiler:.40}"
                );
            }
        }
    }
}

#[test]
fn duplicate_and_unknown_fields_are_rejected() {
    for (name, document) in documents() {
        for opening in document.match_indices('{').map(|(at, _)| at) {
            let (before, after) = document.split_at(opening + 1);
            let is_map = name == "secrets" && opening > 0;
            for entry in [format!("\"{CANARY}\":1"), "\"new\":true".into(), "\"\":null".into()] {
                let comma = if after.starts_with('}') { "" } else { "," };
                let spoilt = format!("{before}{entry}{comma}{after}");
                let refusal = attack(read::<Json>, name, spoilt.as_bytes());
                let outer = opening == 0 && !is_record(name);
                assert!(outer || is_map || refusal.is_some(), "{name} {entry}");
            }
            // The first entry of this object is repeated.
            let entry = after.split([',', '}']).next().unwrap();
            if !entry.is_empty() && !entry.contains('{') {
                let spoilt = format!("{before}{entry},{after}");
                let refusal = attack(read::<Json>, name, spoilt.as_bytes());
                assert!(refusal.is_some(), "{name} {spoilt}");
            }
        }
    }
}

#[test]
fn text_that_is_not_utf8_is_rejected() {
    for (name, document) in documents() {
        for (at, _) in document.match_indices('"') {
            let (before, after) = document.as_bytes().split_at(at + 1);
            let spoilt = [before, b"\xff\xc0", after].concat();
            assert!(attack(read::<Json>, name, &spoilt).is_some(), "{name}");
        }
    }
}

#[test]
fn cbor_of_a_wrong_shape_is_rejected() {
    let head = b"\xa1\x65value";
    let array_bomb = b"\x81".repeat(100_000);
    for (name, bytes) in forms::golden::<Cbor>() {
        assert_eq!(attack(read::<Cbor>, name, &bytes), None);
        assert_eq!(&bytes[..7], head);
        for spoiler in [
            &array_bomb[..],
            // Bytes, text, array and map that claim the length of the whole memory.
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x61a\x01",
            // Text that is not UTF-8, a key that is not text, a tagged text, a big number, a float.
            b"\x62\xff\xff",
            b"\xa1\x01\x02",
            b"\xc2\x63a!c",
            b"\xc2\x51\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b"\xfb\x40\xda\x8b\x33\x33\x33\x33\x33",
            // A whole float above the largest number.
            b"\xfb\x5c\x00\x00\x00\x00\x00\x00\x00",
            b"\xf6",
            b"\xff",
            b"",
        ] {
            let spoilt = [&head[..], spoiler].concat();
            // A format that passes over tags reads a tagged key as a key.
            let is_key = name == "secret" && spoiler.starts_with(b"\xc2\x51");
            assert!(
                attack(read::<Cbor>, name, &spoilt).is_some() || is_key,
                "{name} {:02x?}",
                &spoiler[..3.min(spoiler.len())]
            );
        }
        // The format passes over unknown tags. The tagged value is still checked.
        let tagged = [head, &b"\xc1".repeat(100_000)[..], &bytes[7..]].concat();
        attack(read::<Cbor>, name, &tagged);
        let tagged_half = [head, &b"\xc1".repeat(100_000)[..], b"\xf9\x38\x00"].concat();
        assert!(attack(read::<Cbor>, name, &tagged_half).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Damaged bytes give an error, or a value that is written and read back.
    #[test]
    fn damaged_bytes_give_values_or_errors(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        random in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        check::<Json>(&which, &at, byte, &random);
        check::<Cbor>(&which, &at, byte, &random);
        check::<Postcard>(&which, &at, byte, &random);
    }
}

fn check<F: Format>(
    which: &prop::sample::Index,
    at: &prop::sample::Index,
    byte: u8,
    random: &[u8],
) {
    let golden = forms::golden::<F>();
    let (name, mut bytes) = golden[which.index(golden.len())].clone();
    let at = at.index(bytes.len());
    bytes[at] = byte;
    for bytes in [&bytes, random] {
        bounded(read::<F>, name, bytes);
        bounded(read::<F>, "passlib", bytes);
        if let Ok(written) = forms::again::<F>(name, bytes) {
            assert_eq!(forms::again::<F>(name, &written), Ok(written));
        }
    }
}

/// The controls: careless readers, under the same attack.
mod controls {
    use core::hint::black_box;

    use super::*;

    /// A derived reader, whose error shows the input.
    fn derived(_: &str, bytes: &[u8]) -> Option<String> {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Derived {
            digits: u8,
        }

        serde_json::from_slice::<Derived>(bytes).err().map(|error| error.to_string())
    }

    /// A reader that allocates what the first byte claims, in units of 64 KiB.
    fn trusting(_: &str, bytes: &[u8]) -> Option<String> {
        drop(black_box(Vec::<u8>::with_capacity(usize::from(bytes[0]) << 16)));
        None
    }

    /// A reader that copies all earlier bytes at every byte.
    fn copying(_: &str, bytes: &[u8]) -> Option<String> {
        (1..=bytes.len()).for_each(|end| drop(black_box(bytes[..end].to_vec())));
        None
    }

    #[test]
    #[should_panic(expected = "repeats what it read")]
    fn control_derived_reader_repeats_its_input() {
        attack(derived, "derived", format!(r#"{{"digits":"{CANARY}"}}"#).as_bytes());
    }

    #[test]
    #[should_panic(expected = "bytes for 3")]
    fn control_reader_that_trusts_a_length_is_noticed() {
        attack(trusting, "trusting", b"\xff\xff\xff");
    }

    #[test]
    #[should_panic(expected = "in all")]
    fn control_reader_that_copies_too_much_is_noticed() {
        attack(copying, "copying", &[0; 2000]);
    }
}
