//! What recordings are made of; otp-serde's tests read the same.

use serde_json::Value;

/// A file of recordings.
pub(crate) fn read(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().expect("a list").iter().enumerate()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
