//! Every recorded outcome of passlib about its JSON is reproduced, or `exceptions.json` lists the
//! difference with its reason.

mod context_era;
mod exceptions;
#[path = "../../../otp-context/tests/passlib/ledger.rs"]
mod ledger;
mod recorded;
#[path = "../../../otp-context/tests/passlib/recording.rs"]
mod recording;
mod release;

use self::exceptions::exceptions;
use self::ledger::Ledger;
use self::recording::read;

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release::compare(&read("passlib-1.7.4.json"), &mut ledger);
    context_era::compare(&read("passlib-otpcontext.json"), &mut ledger);
    ledger.settle(&exceptions());
}
