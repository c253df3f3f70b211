use serde_json::json;

use crate::otp::{Run, SECRET, otp};

fn match_at(time: &str, code: &str, options: &[&str]) -> Run {
    otp(SECRET, &[&["match", "--json", "--time", time, code], options].concat())
}

fn match_hotp(code: &str, options: &[&str]) -> Run {
    otp(SECRET, &[&["match", "--json", "--type", "hotp", code], options].concat())
}

fn assert_matched(run: &Run, counter: u64, expected: u64) {
    assert_eq!(run.status, 0, "{run:?}");
    let drift = i64::try_from(counter).unwrap() - i64::try_from(expected).unwrap();
    let object = json!({"matched": true, "counter": counter, "expected": expected, "drift": drift});
    assert_eq!(run.object(), object);
}

fn assert_refused(run: &Run, reason: &str) {
    assert_eq!(run.status, 1, "{run:?}");
    let object = run.object();
    assert_eq!((&object["matched"], &object["reason"]), (&json!(false), &json!(reason)));
    // A hint has both numbers. Only a mismatch has a hint.
    assert_eq!(object["hint_counter"].is_u64(), object["hint_drift"].is_i64(), "{object}");
    assert!(reason == "mismatch" || object["hint_counter"].is_null(), "{object}");
}

// The codes of counters 0 to 9 are those of RFC 4226 Appendix D.
#[test]
fn totp_window_is_one_step_on_either_side() {
    for (time, expected) in [("0", 0), ("59", 1), ("89", 2)] {
        assert_matched(&match_at(time, "287082", &[]), 1, expected);
    }
    assert_refused(&match_at("90", "287082", &[]), "mismatch");
    assert_matched(&match_at("90", "287082", &["--behind", "2"]), 1, 3);
    assert_refused(&match_at("89", "287082", &["--behind", "0"]), "mismatch");
    assert_refused(&match_at("29", "287082", &["--ahead", "0"]), "mismatch");
    assert_matched(&match_at("0", "969429", &["--ahead", "3"]), 3, 0);
}

#[test]
fn spent_counter_is_a_replay() {
    assert_matched(&match_at("59", "287082", &["--last", "0"]), 1, 1);
    assert_refused(&match_at("59", "287082", &["--last", "1"]), "replayed");
    assert_refused(&match_at("59", "000000", &["--last", "1"]), "mismatch");
    let last = u64::MAX.to_string();
    assert_refused(&match_at("59", "287082", &["--last", &last]), "exhausted");
    assert_refused(&match_hotp("287082", &["--last", &last]), "exhausted");
}

#[test]
fn hotp_window_is_five_counters_ahead() {
    assert_matched(&match_hotp("755224", &["--counter", "0"]), 0, 0);
    assert_matched(&match_hotp("254676", &["--counter", "0"]), 5, 0);
    assert_refused(&match_hotp("287922", &["--counter", "0"]), "mismatch");
    assert_matched(&match_hotp("287922", &["--counter", "0", "--ahead", "6"]), 6, 0);
    assert_matched(&match_hotp("287922", &["--last", "4"]), 6, 5);
    assert_refused(&match_hotp("338314", &["--last", "4"]), "replayed");
    assert_refused(&match_hotp("338314", &["--last", "4", "--behind", "0"]), "mismatch");
    assert_refused(&match_hotp("755224", &["--last", "4"]), "mismatch");
    assert_refused(&match_hotp("755224", &["--last", "4", "--behind", "5"]), "replayed");

    let uri = format!("otpauth://hotp/alice?secret={SECRET}&counter=3");
    let run = otp(&uri, &["match", "--json", "969429"]);
    assert_matched(&run, 3, 3);
    // A spent counter overrides a counter before it.
    assert_matched(&otp(&uri, &["match", "--json", "254676", "--last", "3"]), 5, 4);
    assert_refused(&otp(&uri, &["match", "--json", "969429", "--last", "3"]), "replayed");

    match_hotp("755224", &[]).failure(2, "usage", "counter");
}

#[test]
fn separators_are_ignored_and_other_characters_rejected() {
    for code in ["287082", "287 082", "287-082", " 287082 ", "-287082"] {
        assert_matched(&match_at("59", code, &[]), 1, 1);
    }
    for code in ["", "28708", "2870820", "28708O", "+287082", "２８７０８２", "٢٨٧٠٨٢", "287_082"]
    {
        let run = match_at("59", code, &[]);
        let message = run.failure(2, "malformed", "code");
        assert!(message.starts_with("code "), "{message}");
        let object = run.object();
        assert_eq!((&object["matched"], &object["reason"]), (&json!(false), &json!("malformed")));
    }
    let steam = otp(SECRET, &["match", "--type", "steam", "--time", "59", "pv9m4"]);
    assert_eq!(steam.status, 0);
}

/// A hint is not a match: the exit status stays 1.
#[test]
fn match_far_codes_get_a_hint() {
    let totp = |time: &str, options: &[&str]| {
        otp(SECRET, &[&["match", "--time", time, "287082"], options].concat())
    };
    for (time, hint) in [
        ("630", "counter 1: one clock is wrong; that of the code is 10 min 0 s behind"),
        ("7679", "127 min 0 s behind"),
    ] {
        let run = totp(time, &[]);
        assert_eq!((run.status, run.stdout.as_str()), (1, "no: the code is wrong (mismatch)\n"));
        assert!(run.stderr.contains(hint), "{}", run.stderr);
        let object = totp(time, &["--json"]).object();
        assert_eq!((&object["matched"], &object["hint_counter"]), (&json!(false), &json!(1)));
    }
    assert_eq!(totp("630", &["--json"]).object()["hint_drift"], json!(-20));
    assert!(totp("7710", &["--json"]).object()["hint_counter"].is_null());
    let ahead = otp(SECRET, &["match", "--time", "0", "338314"]);
    assert!(ahead.stderr.contains("counter 4") && ahead.stderr.contains("2 min 0 s ahead"));
    // Neither spent counters nor counters beyond the widest window get a hint.
    assert_eq!(totp("7710", &[]).stderr, "");
    assert_eq!(totp("630", &["--last", "1"]).stderr, "");
    let run = otp(SECRET, &["match", "--type", "hotp", "--counter", "0", "399871"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("counter 8: the token is 8 codes ahead"), "{}", run.stderr);
}

#[test]
fn answer_without_json_is_a_sentence() {
    let run = otp(SECRET, &["match", "--time", "59", "287082"]);
    assert_eq!(run.line(), "yes: counter 1, expected 1, drift 0");
    let run = otp(SECRET, &["match", "--time", "59", "287083"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, "no: the code is wrong (mismatch)\n"));
    let run = otp(SECRET, &["match", "--time", "59", "28708"]);
    assert_eq!((run.status, run.stderr.as_str()), (2, "otp: code must have 6 characters\n"));
}
