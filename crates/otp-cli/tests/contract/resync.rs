//! `otp resync`: two consecutive codes.

use crate::database::{Database, accepted, refused};
use crate::otp::{Run, otp};

fn resync(database: &Database, account: &str, codes: [&str; 2]) -> Run {
    database.otp("", &["resync", account, codes[0], codes[1]])
}

/// A clock has no counters to search, so the request costs no attempt.
#[test]
fn search_is_rejected_for_a_clock() {
    let database = Database::new();
    for (account, kind, codes) in
        [("bob", "totp", ["123456", "234567"]), ("carol", "steam", ["23456", "BCDFG"])]
    {
        let run = database.otp("", &["enroll", account, "--type", kind]);
        let uri = run.object()["uri"].as_str().unwrap().to_owned();
        // The code of the next step is accepted for a minute at least.
        let shown = otp(&uri, &["code", "--count", "2"]).stdout;
        let next = shown.lines().last().unwrap();
        accepted(&database.otp("", &["enroll", account, "--confirm", next]));
        let resync = ["resync", account, codes[0], codes[1]];
        let run = database.otp("", &[&resync[..], &["--search", "9"]].concat());
        run.failure(2, "usage", "search");
        assert_eq!(database.status(account)["failures"], 0);
        // Without the option the same codes cost an attempt.
        refused(&database.otp("", &resync), "rejected", Some("mismatch"), 1);
        assert_eq!(database.status(account)["failures"], 1);
    }
    let run = database.otp("", &["resync", "dave", "123456", "234567", "--search", "9"]);
    refused(&run, "rejected", Some("unknown"), 0);
}

/// After a resync the verifier follows a clock that is some minutes off.
#[test]
fn clock_that_is_off_is_followed() {
    let database = Database::new();
    let run = database.otp("", &["enroll", "alice", "--period", "3600"]);
    let uri = run.object()["uri"].as_str().unwrap().to_owned();
    let run = otp(&uri, &["code", "--json"]);
    let now = run.object()["start"].as_u64().unwrap();
    let at = |steps: u64| {
        let time = (now + steps * 3600).to_string();
        otp(&uri, &["code", "--time", &time]).line().to_owned()
    };
    accepted(&database.otp("", &["enroll", "alice", "--confirm", &at(0)]));
    assert_eq!(database.verify("alice", &at(10)).status, 1);
    let object = accepted(&resync(&database, "alice", [&at(10), &at(11)]));
    // A step may have begun meanwhile.
    let drift = object["drift"].as_i64().unwrap();
    assert!((10..=11).contains(&drift), "{drift}");
    assert_eq!(database.status("alice")["drift"], drift);
    accepted(&database.verify("alice", &at(12)));
    // The search ends where a clock would no longer be followed.
    let run = resync(&database, "alice", [&at(40), &at(41)]);
    assert_eq!(run.object()["reason"], "mismatch");
}
