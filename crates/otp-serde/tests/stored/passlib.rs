//! Every recorded outcome of passlib that concerns its JSON is reproduced, or is a difference that
//! `exceptions.json` lists with its reason.

mod context_era;
mod ledger;
mod recorded;
mod release;

use self::ledger::Ledger;
use self::recorded::read;

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release::compare(&read("passlib-1.7.4.json"), &mut ledger);
    context_era::compare(&read("passlib-otpcontext.json"), &mut ledger);
    ledger.settle();
}

/// The proof needs to be able to fail.
mod controls {
    use super::Ledger;

    #[test]
    #[should_panic(expected = "not listed")]
    fn an_unlisted_difference_fails() {
        let mut ledger = Ledger::default();
        ledger.compare("no/such/case".into(), &1, &2);
        ledger.settle();
    }

    #[test]
    #[should_panic(expected = "is listed as")]
    fn a_listed_difference_that_is_another_fails() {
        let mut ledger = Ledger::default();
        let listed = ledger.listed().next().unwrap();
        ledger.compare(listed, &1, &2);
        ledger.settle();
    }

    #[test]
    #[should_panic(expected = "listed, but agrees")]
    fn a_listed_agreement_fails() {
        let mut ledger = Ledger::default();
        let listed = ledger.listed().next().unwrap();
        ledger.compare(listed, &1, &1);
        ledger.settle();
    }

    #[test]
    #[should_panic(expected = "is listed, but not compared")]
    fn a_listed_case_that_is_gone_fails() {
        Ledger::default().settle();
    }
}
