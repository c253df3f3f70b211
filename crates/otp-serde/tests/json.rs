//! Every form in Json: what is written is read, and its bytes stay what they are.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]

#[path = "support/forms.rs"]
mod forms;

use serde::Serialize;
use serde::de::DeserializeOwned;

struct Json;

impl forms::Format for Json {
    fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        serde_json::to_vec(value).map_err(|error| error.to_string())
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }
}

round_trips!(Json);

#[test]
fn the_wire_forms_are_pinned() {
    let pinned = include_str!("golden/json.txt");
    let mut written = String::new();
    for (name, bytes) in forms::golden::<Json>() {
        written.push_str(&format!("{name} {}\n", String::from_utf8(bytes).unwrap()));
    }
    assert!(written == pinned, "written now:\n{written}");
    for line in pinned.lines() {
        let (name, text) = line.split_once(' ').unwrap();
        let bytes = text.as_bytes().to_vec();
        assert_eq!(forms::again::<Json>(name, &bytes), Ok(bytes), "{name}");
    }
}

#[test]
fn what_was_buffered_is_read() {
    forms::buffered::<Json>();
}
