//! Hostile input gives an error in bounded memory, and the error repeats nothing of it.

use allocation_counter::measure;
use otp_serde::Input;
use proptest::prelude::*;
use serde_json::Value;

use crate::laws::format::Format::{Cbor, Json, Postcard};
use crate::laws::{self, Document};

/// A text that no error may show. The same holds for the number.
const CANARY: &str = "CANARYCANARY";
const NUMBER: &str = "31415926535";

/// A reader of documents. Returns its error, if any.
type Reader<'a> = &'a dyn Fn(&[u8]) -> Option<String>;

fn any_text(bytes: &[u8]) -> Option<String> {
    match str::from_utf8(bytes) {
        Ok(text) => Input::read(text).err().map(|error| error.to_string()),
        Err(_) => Some("not UTF-8".to_owned()),
    }
}

/// Reads, and checks the memory that reading costs.
fn bounded(read: Reader<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let mut refusal = None;
    let cost = measure(|| refusal = read(bytes));
    let length = bytes.len() as u64;
    assert!(cost.bytes_max <= 4 * length + 65_536, "{name}: {} bytes for {length}", cost.bytes_max);
    // Each byte is allocated at most a few times.
    assert!(cost.bytes_total <= 16 * length + 65_536, "{name}: {} in all", cost.bytes_total);
    assert!(cost.count_total <= length + 64, "{name}: {} allocations", cost.count_total);
    refusal
}

/// Reads, and checks the memory and the text of the error.
fn attack(read: Reader<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let refusal = bounded(read, name, bytes);
    if let Some(error) = &refusal {
        let shows = error.contains(CANARY) || error.contains(NUMBER) || error.contains("27182.8");
        assert!(!shows, "{name} repeats what it read: {error}");
        assert!(error.len() < 200, "{name}: {error}");
    }
    refusal
}

/// Attacks the reader of a form in JSON, or of any text.
fn attack_json(name: &str, document: &[u8]) -> Option<String> {
    match name {
        "input" => attack(&any_text, name, document),
        _ => attack(&|bytes| laws::refusal(laws::form(name), Json, bytes), name, document),
    }
}

/// Returns a document of each form, and the name of the form.
fn targets() -> Vec<(&'static str, String)> {
    let own = laws::documents(Json)
        .into_iter()
        .map(|Document { form, bytes }| (form.name, String::from_utf8(bytes).unwrap()));
    let passlib = r#"{"alg":"sha256","digits":8,"enckey":{"c":4,"k":"AAAA","s":"AAAA","t":"1","v":1},"issuer":"I","label":"L","last_counter":5,"period":60,"type":"totp","v":1}"#;
    let hotp = r#"{"counter":5,"key":"JBSWY3DPEHPK3PXP","start":5,"type":"hotp","v":1}"#;
    let record =
        r#"{"account":"a","issuer":"I","next":5,"secret":"JBSWY3DP","type":"steam","v":2}"#;
    let others = [("passlib", passlib), ("passlib", hotp), ("input", hotp), ("input", record)];
    own.chain(others.map(|(name, json)| (name, json.to_owned()))).collect()
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
    for (name, json) in targets() {
        assert_eq!(attack_json(name, json.as_bytes()), None, "{name} {json}");
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
        "",
    ];
    let others = "-31415926535 27182.8e0 27182.8 314159265358979323846 1e400 -0.5 true nul [] {} \
                  {\"a\":1,\"a\":1}";
    for (name, json) in targets() {
        let value: Value = serde_json::from_str(&json).unwrap();
        for place in places(&value) {
            let mut spoilt = value.clone();
            *spoilt.pointer_mut(&place).unwrap() = Value::String("SPOIL".into());
            let spoilt = serde_json::to_string(&spoilt).unwrap();
            for spoiler in others.split(' ').chain(spoilers) {
                let document = spoilt.replace("\"SPOIL\"", spoiler);
                let refusal = attack_json(name, document.as_bytes());
                // An account and a secret may be any text, and may be absent.
                let is_name = ["/account", "/issuer", "/label"].iter().any(|n| place.ends_with(n));
                let is_secret = name == "secrets";
                // Two names that are absent.
                let is_empty = name == "label" && spoiler == "{}";
                assert!(
                    refusal.is_some() || is_name || is_secret || is_empty,
                    "{name} {place} {spoiler:.40}"
                );
            }
        }
    }
}

#[test]
fn duplicate_and_unknown_fields_are_rejected() {
    for (name, json) in targets() {
        for opening in json.match_indices('{').map(|(at, _)| at) {
            let (before, after) = json.split_at(opening + 1);
            for entry in [format!("\"{CANARY}\":1"), "\"new\":true".into(), "\"\":null".into()] {
                let comma = if after.starts_with('}') { "" } else { "," };
                let spoilt = format!("{before}{entry}{comma}{after}");
                assert!(attack_json(name, spoilt.as_bytes()).is_some(), "{name} {entry}");
            }
            // The first entry of this object is repeated.
            let entry = after.split([',', '}']).next().unwrap();
            if !entry.is_empty() && !entry.contains('{') {
                let spoilt = format!("{before}{entry},{after}");
                assert!(attack_json(name, spoilt.as_bytes()).is_some(), "{name} {spoilt}");
            }
        }
    }
}

#[test]
fn cbor_of_a_wrong_shape_is_rejected() {
    let array_bomb = b"\x81".repeat(100_000);
    for Document { form, bytes } in laws::documents(Cbor) {
        let attack = |bytes: &[u8]| attack(&|it| laws::refusal(form, Cbor, it), form.name, bytes);
        assert_eq!(attack(&bytes), None);
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
            // A format that passes over tags reads a tagged key as a key.
            let is_key = form.name == "secret" && spoiler.starts_with(b"\xc2\x51");
            assert!(attack(spoiler).is_some() || is_key, "{} {spoiler:.9?}", form.name);
        }
        // The format passes over unknown tags. The tagged value is still checked.
        let tags = b"\xc1".repeat(100_000);
        attack(&[&tags[..], &bytes].concat());
        assert!(attack(&[&tags[..], b"\xf9\x38\x00"].concat()).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Damaged and random bytes cost bounded memory, and give errors, or values that are read back.
    #[test]
    fn damaged_documents_give_values_or_errors(
        which: prop::sample::Index,
        at: prop::sample::Index,
        byte: u8,
        random in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        for format in [Json, Cbor, Postcard] {
            let mut documents = laws::documents(format);
            let Document { form, mut bytes } = documents.swap_remove(which.index(documents.len()));
            let at = at.index(bytes.len());
            bytes[at] = byte;
            for (form, bytes) in [form, laws::form("passlib")].iter().zip([&bytes, &random]) {
                bounded(&|bytes| laws::refusal(*form, format, bytes), form.name, bytes);
                let _ = (form.document)(format, bytes, |document| document);
            }
        }
    }
}

/// The controls: careless readers, under the same attack.
mod controls {
    use core::hint::black_box;

    use super::*;

    /// A derived reader, whose error shows the input.
    fn derived(bytes: &[u8]) -> Option<String> {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Derived {
            digits: u8,
        }

        serde_json::from_slice::<Derived>(bytes).err().map(|error| error.to_string())
    }

    /// A reader that allocates what the first byte claims, in units of 64 KiB.
    fn trusting(bytes: &[u8]) -> Option<String> {
        drop(black_box(Vec::<u8>::with_capacity(usize::from(bytes[0]) << 16)));
        None
    }

    /// A reader that copies all earlier bytes at every byte.
    fn copying(bytes: &[u8]) -> Option<String> {
        (1..=bytes.len()).for_each(|end| drop(black_box(bytes[..end].to_vec())));
        None
    }

    #[test]
    #[should_panic(expected = "repeats what it read")]
    fn control_derived_reader_repeats_its_input() {
        attack(&derived, "derived", format!(r#"{{"digits":"{CANARY}"}}"#).as_bytes());
    }

    #[test]
    #[should_panic(expected = "bytes for 3")]
    fn control_reader_that_trusts_a_length_is_noticed() {
        attack(&trusting, "trusting", b"\xff\xff\xff");
    }

    #[test]
    #[should_panic(expected = "in all")]
    fn control_reader_that_copies_too_much_is_noticed() {
        attack(&copying, "copying", &[0; 2000]);
    }
}
