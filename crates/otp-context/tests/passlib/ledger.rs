//! Outcomes of passlib beside ours; otp-serde's tests have the same.

use std::collections::BTreeMap;

use serde_json::Value;

/// By reason and case, what comes out here.
pub(crate) type Exceptions = BTreeMap<String, BTreeMap<String, Value>>;

/// Our outcome of each compared case, and passlib's.
#[derive(Default)]
pub(crate) struct Ledger(BTreeMap<String, [Value; 2]>);

impl Ledger {
    pub(crate) fn compare(&mut self, case: String, outcomes: [Value; 2]) {
        let known = self.0.insert(case, outcomes);
        assert_eq!(known, None, "a case is compared twice");
    }

    /// Compares every case of a section.
    pub(crate) fn each(
        &mut self,
        section: &str,
        cases: &Value,
        mut outcomes: impl FnMut(&Value) -> [Value; 2],
    ) {
        for (place, case) in cases.as_array().expect("a list").iter().enumerate() {
            self.compare(format!("{section}/{place}"), outcomes(case));
        }
    }

    /// Fails if there is a complaint.
    pub(crate) fn settle(self, exceptions: &Exceptions) {
        let complaints = self.complaints(exceptions);
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    /// Complains about a difference that is not listed or another than is listed, and about a listed one
    /// that is none.
    fn complaints(&self, exceptions: &Exceptions) -> Vec<String> {
        let mut listed = BTreeMap::new();
        for (reason, cases) in exceptions {
            assert!(!cases.is_empty(), "{reason} has no cases");
            for (case, ours) in cases {
                assert_eq!(listed.insert(case, ours), None, "{case} is listed under two reasons");
            }
        }
        let (compared, differences) = (self.0.len(), listed.len());
        let mut complaints = Vec::new();
        for (case, [ours, theirs]) in &self.0 {
            let complaint = match listed.remove(case) {
                None if ours == theirs => continue,
                None => format!("differs and is not listed: ours {ours}, theirs {theirs}"),
                Some(_) if ours == theirs => "is listed, but agrees".to_owned(),
                Some(known) if known == ours => continue,
                Some(known) => format!("is listed as {known}, and is {ours}"),
            };
            complaints.push(format!("{case} {complaint}"));
        }
        complaints.extend(listed.keys().map(|case| format!("{case} is listed, but not compared")));
        println!("{compared} compared, {differences} differ as listed");
        complaints
    }
}

/// The control: each kind of difference is noticed.
#[test]
fn unlisted_and_outdated_differences_are_noticed() {
    let listed = [("case".to_owned(), "ours".into())];
    let exceptions = Exceptions::from([("reason".to_owned(), listed.into())]);
    for (compared, complaints) in [
        (Some(("case", ["ours", "theirs"])), ""),
        (Some(("case", ["ours", "ours"])), "case is listed, but agrees"),
        (Some(("case", ["another", "theirs"])), r#"case is listed as "ours", and is "another""#),
        (None, "case is listed, but not compared"),
        (
            Some(("new", ["ours", "theirs"])),
            "new differs and is not listed: ours \"ours\", theirs \"theirs\"\n\
             case is listed, but not compared",
        ),
    ] {
        let mut ledger = Ledger::default();
        if let Some((case, outcomes)) = compared {
            ledger.compare(case.to_owned(), outcomes.map(Into::into));
        }
        assert_eq!(ledger.complaints(&exceptions).join("\n"), complaints);
    }
}
