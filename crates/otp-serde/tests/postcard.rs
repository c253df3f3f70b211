//! Every form in Postcard: what is written is read, and its bytes stay what they are.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::string_slice)]
#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref)]

#[path = "support/forms.rs"]
mod forms;

use serde::Serialize;
use serde::de::DeserializeOwned;

struct Postcard;

impl forms::Format for Postcard {
    fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
        postcard::to_allocvec(value).map_err(|error| error.to_string())
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
        match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Ok(value),
            Ok(_) => Err("trailing bytes".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

round_trips!(Postcard);

#[test]
fn the_wire_forms_are_pinned() {
    let pinned = include_str!("golden/postcard.txt");
    let mut written = String::new();
    for (name, bytes) in forms::golden::<Postcard>() {
        written.push_str(&format!("{name} {}\n", hex(&bytes)));
    }
    assert!(written == pinned, "written now:\n{written}");
    for line in pinned.lines() {
        let (name, text) = line.split_once(' ').unwrap();
        let bytes = unhex(text);
        assert_eq!(forms::again::<Postcard>(name, &bytes), Ok(bytes), "{name}");
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
