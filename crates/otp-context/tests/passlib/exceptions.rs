use crate::ledger::Exceptions;

/// Every reason there may be for a difference. `docs/guide/from-passlib.md` explains each.
const REASONS: [&str; 23] = [
    "clock-never-rewinds",
    "closed-algorithms",
    "defaults-round-trip",
    "duplicate-tag",
    "early-times",
    "empty-key",
    "highest-is-spent",
    "integer-code",
    "long-key",
    "more-spellings",
    "negative-number",
    "no-start",
    "no-such-text",
    "offset-is-a-range",
    "plain-key-is-changed",
    "predecessor-encoding",
    "replayed-not-wrong",
    "reuse-changes-nothing",
    "separators",
    "unicode-digits",
    "valid-within-its-step",
    "weak-key",
    "whole-seconds",
];

/// Those that are listed, each with a reason of the list.
pub(crate) fn exceptions() -> Exceptions {
    let exceptions: Exceptions = serde_json::from_str(include_str!("exceptions.json")).unwrap();
    assert!(exceptions.keys().eq(REASONS), "the reasons are a closed list");
    let docs = include_str!("../../../../docs/guide/from-passlib.md");
    for reason in REASONS {
        assert!(docs.contains(&format!("`{reason}`")), "{reason} is not explained");
    }
    exceptions
}
