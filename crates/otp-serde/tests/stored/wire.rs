//! Every form in every format: written values are read back, and their bytes are pinned.

use crate::format::{Cbor, Format, Given, Json, Postcard};
use crate::forms;

mod json {
    round_trips!(crate::format::Json);
}

mod cbor {
    round_trips!(crate::format::Cbor);
}

mod postcard {
    round_trips!(crate::format::Postcard);
}

#[test]
fn wire_forms_are_pinned() {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    pinned::<Json>(include_str!("golden/json.txt"), text, |text| text.as_bytes().to_vec());
    pinned::<Given>(include_str!("golden/json.txt"), text, |text| text.as_bytes().to_vec());
    pinned::<Cbor>(include_str!("golden/cbor.txt"), hex, unhex);
    pinned::<Postcard>(include_str!("golden/postcard.txt"), hex, unhex);
}

/// Compares a line for each form and sample with the pinned one. Each is also read and written again.
fn pinned<F: Format>(pinned: &str, shown: fn(&[u8]) -> String, read: fn(&str) -> Vec<u8>) {
    let mut written = String::new();
    for (name, bytes) in forms::golden::<F>() {
        written.push_str(&format!("{name} {}\n", shown(&bytes)));
    }
    assert!(written == pinned, "written now:\n{written}");
    for line in pinned.lines() {
        let (name, text) = line.split_once(' ').unwrap();
        let bytes = read(text);
        assert_eq!(forms::again::<F>(name, &bytes), Ok(bytes), "{name}");
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

/// A format that buffers its input gives the same value.
#[test]
fn buffered_values_are_read() {
    forms::buffered::<Json>();
    forms::buffered::<Cbor>();
}
