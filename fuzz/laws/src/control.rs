//! Shows that a law notices flaws.

use core::panic::AssertUnwindSafe;
use std::panic;

/// Fails unless the law notices a flaw, and says so in these words.
pub(crate) fn notices(words: &str, law: impl FnOnce()) {
    let caught = panic::catch_unwind(AssertUnwindSafe(law));
    let said = caught.expect_err(&format!("the law does not notice: {words}"));
    let text = said.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| said.downcast_ref::<String>().cloned()).unwrap_or_default();
    assert!(text.contains(words), "{text:?} instead of {words:?}");
}

#[test]
#[should_panic(expected = "the law does not notice: a flaw")]
fn law_without_power_is_told() {
    notices("a flaw", || ());
}
