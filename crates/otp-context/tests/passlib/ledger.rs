use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::Deserialize;

/// Every reason there may be for a difference. `docs/from-passlib.md` explains each.
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

/// By reason and case, what comes out here.
#[derive(Deserialize)]
struct Exceptions(BTreeMap<String, BTreeMap<String, String>>);

/// What was compared, and how it came out.
#[derive(Default)]
pub(crate) struct Ledger {
    agreed: BTreeSet<String>,
    differed: BTreeMap<String, [String; 2]>,
}

impl Ledger {
    pub(crate) fn compare<T: PartialEq + Debug>(&mut self, case: String, ours: &T, theirs: &T) {
        assert!(
            !self.agreed.contains(&case) && !self.differed.contains_key(&case),
            "{case} is compared twice"
        );
        if ours == theirs {
            self.agreed.insert(case);
        } else {
            self.differed.insert(case, [format!("{ours:?}"), format!("{theirs:?}")]);
        }
    }

    pub(crate) fn listed(&self) -> impl Iterator<Item = String> {
        exceptions().0.into_values().flat_map(BTreeMap::into_keys)
    }

    /// Fails on a difference that is not listed or another than is listed, and on a listed one that
    /// is none.
    pub(crate) fn settle(self) {
        let exceptions = exceptions();
        let docs = include_str!("../../../../docs/from-passlib.md");
        assert!(exceptions.0.keys().eq(REASONS), "the reasons are a closed list");
        for (reason, cases) in &exceptions.0 {
            assert!(docs.contains(&format!("`{reason}`")), "{reason} is not explained");
            assert!(!cases.is_empty(), "{reason} has no cases");
        }
        let listed: BTreeMap<_, _> = exceptions.0.values().flatten().collect();
        assert_eq!(
            listed.len(),
            exceptions.0.values().map(BTreeMap::len).sum::<usize>(),
            "a case is listed under two reasons"
        );
        let mut complaints = Vec::new();
        for (case, [ours, theirs]) in &self.differed {
            match listed.get(case) {
                None => complaints.push(format!(
                    "{case} differs and is not listed: ours {ours}, theirs {theirs}"
                )),
                Some(known) if *known != ours => {
                    complaints.push(format!("{case} is listed as {known}, and is {ours}"));
                }
                Some(_) => {}
            }
        }
        for case in listed.keys() {
            if self.agreed.contains(*case) {
                complaints.push(format!("{case} is listed, but agrees"));
            } else if !self.differed.contains_key(*case) {
                complaints.push(format!("{case} is listed, but not compared"));
            }
        }
        println!("{} agreed, {} differ as listed", self.agreed.len(), self.differed.len());
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

fn exceptions() -> Exceptions {
    serde_json::from_str(include_str!("exceptions.json")).unwrap()
}
