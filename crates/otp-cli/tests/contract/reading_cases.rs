//! Texts that were once misread silently, through `otp code`: the command agrees with the library.

use serde_json::{Value, json};

use crate::otp::{Run, otp};

fn cases() -> Vec<Value> {
    let file = include_str!("../../../../vectors/reading-cases.json");
    let file: Value = serde_json::from_str(file).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// Runs `otp code` at the time of the cases, for which HOTP has no option.
fn code(text: &str, options: &[&str]) -> Run {
    let time = if text.contains("://hotp") { &[][..] } else { &["--time", "59"] };
    otp(text, &[&["code"], options, time].concat())
}

fn expected(case: &Value) -> Vec<Value> {
    let library = vec![case["library"].clone()];
    case["command"].as_array().cloned().unwrap_or(library)
}

/// Returns the outcome of an answer, in the form of the cases.
fn outcome(object: &Value) -> Value {
    if object["error"].is_null() {
        let findings = object.get("findings").cloned().unwrap_or_else(|| json!([]));
        json!({ "code": object["code"], "findings": findings })
    } else {
        json!({ "error": object["error"] })
    }
}

#[test]
fn reading_cases_have_the_expected_outcome() {
    for case in cases() {
        let text = case["input"].as_str().unwrap();
        let run = code(text, &["--json"]);
        let objects = run.objects();
        let outcomes: Vec<_> = objects.iter().map(outcome).collect();
        assert_eq!(outcomes, expected(&case), "{}", case["id"]);
        for object in objects.iter().filter(|object| object["error"].is_null()) {
            assert_eq!(object["other_lines"], case["other_lines"], "{}", case["id"]);
            assert_eq!(object["line"].is_null(), outcomes.len() == 1, "{}", case["id"]);
        }
        let is_refused = outcomes.iter().any(|outcome| outcome["code"].is_null());
        assert_eq!(run.status, if is_refused { 2 } else { 0 }, "{}", case["id"]);
    }
}

/// Repaired, ignored and passed-over text is reported, and not repeated.
#[test]
fn reading_cases_are_reported_on_stderr() {
    for case in cases() {
        let text = case["input"].as_str().unwrap();
        let run = code(text, &[]);
        let codes: Vec<_> =
            expected(&case).iter().filter_map(|it| Some(it["code"].as_str()?.to_owned())).collect();
        assert_eq!(run.stdout.lines().collect::<Vec<_>>(), codes, "{}", case["id"]);
        if let Some(says) = case["says"].as_str() {
            assert!(run.stderr.contains(says), "{}: {}", case["id"], run.stderr);
        }
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| it.len() > 8) {
            run.assert_silent_on(&[word]);
        }
        run.assert_silent_on(&["hunter2", "pa:ss"]);
    }
}
