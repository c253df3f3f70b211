use std::collections::BTreeSet;

use super::ledger::Exceptions;

/// Every reason for a recorded difference.
const REASONS: [&str; 5] = [
    "defaults-round-trip",
    "names-are-trimmed",
    "no-start",
    "predecessor-encoding",
    "strict-schema",
];

/// Reasons without a recorded case. `errors.rs` has cases of them.
const UNRECORDED: [&str; 2] = ["bounds", "closed-algorithms"];

/// Returns the listed differences. Each has a reason of the list, and README explains all reasons.
pub(crate) fn exceptions() -> Exceptions {
    let exceptions: Exceptions = serde_json::from_str(include_str!("exceptions.json")).unwrap();
    assert!(exceptions.keys().eq(REASONS), "the reasons are a closed list");
    let readme = include_str!("../../../README.md");
    let (_, table) = readme.split_once("| Reason | Difference |\n|---|---|\n").unwrap();
    let rows = table.lines().map_while(|line| line.strip_prefix("| `")?.split('`').next());
    let known: BTreeSet<_> = REASONS.into_iter().chain(UNRECORDED).collect();
    assert_eq!(rows.collect::<BTreeSet<_>>(), known, "each reason is explained");
    exceptions
}
