//! Every form in Cbor: what is written is read, and its bytes stay what they are.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::string_slice)]
#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]

#[path = "support/forms.rs"]
mod forms;

use serde::Serialize;
use serde::de::DeserializeOwned;

struct Cbor;

impl forms::Format for Cbor {
    fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
        let mut rest = bytes;
        let value = ciborium::from_reader(&mut rest).map_err(|error| error.to_string())?;
        if rest.is_empty() { Ok(value) } else { Err("trailing bytes".into()) }
    }
}

round_trips!(Cbor);

#[test]
fn the_wire_forms_are_pinned() {
    let pinned = include_str!("golden/cbor.txt");
    let mut written = String::new();
    for (name, bytes) in forms::golden::<Cbor>() {
        written.push_str(&format!("{name} {}\n", hex(&bytes)));
    }
    assert!(written == pinned, "written now:\n{written}");
    for line in pinned.lines() {
        let (name, text) = line.split_once(' ').unwrap();
        let bytes = unhex(text);
        assert_eq!(forms::again::<Cbor>(name, &bytes), Ok(bytes), "{name}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

#[test]
fn what_was_buffered_is_read() {
    forms::buffered::<Cbor>();
}
