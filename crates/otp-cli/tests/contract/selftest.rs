use serde_json::json;

use crate::otp::otp;

#[test]
fn every_vector_passes() {
    let expected = json!({
        "outcome": "passed",
        "rfc4226": {"passed": 10, "failed": 0},
        "rfc6238": {"passed": 18, "failed": 0},
    });
    let run = otp("", &["selftest", "--json"]);
    assert_eq!((run.status, run.object()), (0, expected));
    let run = otp("", &["selftest"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.ends_with("passed\n"));
}
