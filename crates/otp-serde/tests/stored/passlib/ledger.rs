use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Every reason there may be for a recorded difference.
const REASONS: [&str; 5] = [
    "defaults-round-trip",
    "names-are-trimmed",
    "no-start",
    "predecessor-encoding",
    "strict-schema",
];

/// Reasons for what is in no recording; `errors.rs` has cases of them.
const UNRECORDED: [&str; 2] = ["bounds", "closed-algorithms"];

/// By reason and case, what comes out here.
type Exceptions = BTreeMap<String, BTreeMap<String, String>>;

/// What was compared, and how it came out.
#[derive(Default)]
pub(crate) struct Ledger {
    agreed: BTreeSet<String>,
    differed: BTreeMap<String, [String; 2]>,
}

impl Ledger {
    pub(crate) fn compare<T: PartialEq + Debug>(&mut self, case: String, ours: &T, theirs: &T) {
        let is_new = !self.agreed.contains(&case) && !self.differed.contains_key(&case);
        assert!(is_new, "{case} is compared twice");
        if ours == theirs {
            self.agreed.insert(case);
        } else {
            self.differed.insert(case, [format!("{ours:?}"), format!("{theirs:?}")]);
        }
    }

    pub(crate) fn listed(&self) -> impl Iterator<Item = String> {
        exceptions().into_values().flat_map(BTreeMap::into_keys)
    }

    /// Fails on a difference that is not listed or another than is listed, and on a listed one that
    /// is none.
    pub(crate) fn settle(self) {
        let exceptions = exceptions();
        assert!(exceptions.keys().eq(REASONS), "the reasons are a closed list");
        let readme = include_str!("../../../README.md");
        let (_, table) = readme.split_once("| Reason | Difference |\n|---|---|\n").unwrap();
        let rows = table.lines().map_while(|line| line.strip_prefix("| `")?.split('`').next());
        let known: BTreeSet<_> = REASONS.into_iter().chain(UNRECORDED).collect();
        assert_eq!(rows.collect::<BTreeSet<_>>(), known, "each reason is explained");
        for (reason, cases) in &exceptions {
            assert!(!cases.is_empty(), "{reason} has no cases");
        }
        let listed: BTreeMap<_, _> = exceptions.values().flatten().collect();
        assert_eq!(listed.len(), self.listed().count(), "a case is listed under two reasons");
        let mut complaints = Vec::new();
        for (case, [ours, theirs]) in &self.differed {
            match listed.get(case) {
                None => complaints
                    .push(format!("{case} differs and is not listed: {ours}, theirs {theirs}")),
                Some(known) if *known != ours => {
                    complaints.push(format!("{case} is listed as {known}, and is {ours}"));
                }
                Some(_) => {}
            }
        }
        for case in listed.into_keys() {
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

fn exceptions() -> Exceptions {
    serde_json::from_str(include_str!("exceptions.json")).unwrap()
}
