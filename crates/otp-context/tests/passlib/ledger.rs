//! Outcomes of passlib beside ours; otp-serde's tests have the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// By reason and case, what comes out here.
pub(crate) type Exceptions = BTreeMap<String, BTreeMap<String, String>>;

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

    /// Fails on a difference that is not listed or another than is listed, and on a listed one that
    /// is none.
    pub(crate) fn settle(self, exceptions: &Exceptions) {
        for (reason, cases) in exceptions {
            assert!(!cases.is_empty(), "{reason} has no cases");
        }
        let listed: BTreeMap<_, _> = exceptions.values().flatten().collect();
        let count = exceptions.values().map(BTreeMap::len).sum::<usize>();
        assert_eq!(listed.len(), count, "a case is listed under two reasons");
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

/// The proof needs to be able to fail.
mod controls {
    use super::{Exceptions, Ledger};

    /// Settles one comparison, or none, where one case is listed.
    fn settle(compared: Option<(&str, &str, &str)>) {
        let listed = [("case".to_owned(), "\"ours\"".to_owned())];
        let exceptions = Exceptions::from([("reason".to_owned(), listed.into())]);
        let mut ledger = Ledger::default();
        if let Some((case, ours, theirs)) = compared {
            ledger.compare(case.to_owned(), &ours, &theirs);
        }
        ledger.settle(&exceptions);
    }

    #[test]
    fn a_listed_difference_passes() {
        settle(Some(("case", "ours", "theirs")));
    }

    #[test]
    #[should_panic(expected = "not listed")]
    fn an_unlisted_difference_fails() {
        settle(Some(("no/such/case", "ours", "theirs")));
    }

    #[test]
    #[should_panic(expected = "listed, but agrees")]
    fn a_listed_agreement_fails() {
        settle(Some(("case", "ours", "ours")));
    }

    #[test]
    #[should_panic(expected = "is listed as")]
    fn a_listed_difference_that_is_another_fails() {
        settle(Some(("case", "another", "theirs")));
    }

    #[test]
    #[should_panic(expected = "is listed, but not compared")]
    fn a_listed_case_that_is_gone_fails() {
        settle(None);
    }
}
