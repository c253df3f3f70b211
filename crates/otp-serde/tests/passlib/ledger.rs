use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Every reason there may be for a difference. The README explains each.
const REASONS: [&str; 5] = [
    "defaults-round-trip",
    "names-are-trimmed",
    "no-start",
    "predecessor-encoding",
    "strict-schema",
];

/// What was compared, and how it came out.
#[derive(Default)]
pub(crate) struct Ledger {
    agreed: BTreeSet<String>,
    differed: BTreeMap<String, String>,
}

impl Ledger {
    pub(crate) fn compare<T: PartialEq + Debug>(&mut self, case: String, ours: &T, theirs: &T) {
        let is_new = !self.agreed.contains(&case) && !self.differed.contains_key(&case);
        assert!(is_new, "{case} is compared twice");
        if ours == theirs {
            self.agreed.insert(case);
        } else {
            self.differed.insert(case, format!("ours {ours:?}, theirs {theirs:?}"));
        }
    }

    pub(crate) fn listed(&self) -> impl Iterator<Item = String> {
        exceptions().into_values().flatten()
    }

    /// Fails on a difference that is not listed, and on a listed one that is none.
    pub(crate) fn settle(self) {
        let exceptions = exceptions();
        assert!(exceptions.keys().eq(REASONS), "the reasons are a closed list");
        for (reason, cases) in &exceptions {
            let readme = include_str!("../../README.md");
            assert!(readme.contains(&format!("`{reason}`")), "{reason} is not explained");
            assert!(!cases.is_empty(), "{reason} has no cases");
        }
        let listed: BTreeSet<_> = self.listed().collect();
        assert_eq!(listed.len(), self.listed().count(), "a case is listed twice");
        let mut complaints = Vec::new();
        for (case, difference) in &self.differed {
            if !listed.contains(case) {
                complaints.push(format!("{case} differs and is not listed: {difference}"));
            }
        }
        for case in &listed {
            if self.agreed.contains(case) {
                complaints.push(format!("{case} is listed, but agrees"));
            } else if !self.differed.contains_key(case) {
                complaints.push(format!("{case} is listed, but not compared"));
            }
        }
        println!("{} agreed, {} differ as listed", self.agreed.len(), self.differed.len());
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

fn exceptions() -> BTreeMap<String, BTreeSet<String>> {
    serde_json::from_str(include_str!("exceptions.json")).unwrap()
}
