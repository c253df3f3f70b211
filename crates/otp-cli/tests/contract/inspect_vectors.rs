//! The collected URIs and exports of other implementations through `otp inspect`. All URIs are the lines
//! of one input, and each line has its own answer.

use serde_json::{Value, json};

use crate::otp::{Run, otp};

fn cases(file: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(file).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn uris() -> Vec<Value> {
    cases(include_str!("../../../../vectors/otpauth-uris.json"))
}

fn exports() -> Vec<Value> {
    cases(include_str!("../../../../vectors/migration-uris.json"))
}

fn text(case: &Value) -> &str {
    case["uri"].as_str().unwrap()
}

/// Inspects all URIs at once.
fn inspect(cases: &[Value], options: &[&str]) -> Run {
    let lines: Vec<&str> = cases.iter().map(|case| text(case).trim_end()).collect();
    otp(lines.join("\n"), &[&["inspect"], options].concat())
}

/// Returns the cases that differ and are no exceptions of the reader of URIs, and those that are
/// exceptions and agree.
fn wrong(file: &str, cases: &[Value], mut agrees: impl FnMut(&Value) -> bool) -> Vec<String> {
    let exceptions: Value =
        serde_json::from_str(include_str!("../../../otp-uri/tests/exceptions.json")).unwrap();
    let listed = |id: &Value| {
        exceptions[file].as_array().unwrap().iter().any(|exception| exception["case"] == *id)
    };
    let wrong = cases.iter().filter(|case| agrees(case) == listed(&case["id"]));
    wrong.map(|case| case["id"].to_string()).collect()
}

/// Returns whether an object is the expected refusal, or has the expected fields and findings.
fn agrees(found: &Value, expect: &Value) -> bool {
    let filled = |name: &str| found[name].as_str().is_some_and(|text| !text.is_empty());
    if expect == "reject" {
        return filled("error") && filled("part") && filled("message") && found["type"].is_null();
    }
    if matches!(expect["type"].as_str(), Some("motp" | "yandex")) {
        return found["error"] == "unsupported";
    }
    let (mut found, mut expect) = (found.clone(), expect.clone());
    // The command does not show the name of an export's account before it was split.
    expect.as_object_mut().unwrap().remove("name_field");
    let fields = found.as_object_mut().unwrap();
    for name in
        ["line", "entry", "form", "findings", "version", "batch_id", "batch_index", "batch_size"]
    {
        fields.remove(name);
    }
    found == expect
}

#[test]
fn uris_have_the_expected_outcome() {
    let cases = uris();
    let run = inspect(&cases, &["--json", "--reveal"]);
    assert_eq!(run.status, 1);
    let objects = run.objects();
    let numbers: Vec<_> = objects.iter().map(|it| it["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=cases.len() as u64).collect::<Vec<_>>());
    let mut found = objects.iter();
    let wrong =
        wrong("otpauth-uris", &cases, |case| agrees(found.next().unwrap(), &case["expect"]));
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn strict_accepts_only_valid_uris() {
    let cases = uris();
    for (case, object) in cases.iter().zip(inspect(&cases, &["--json", "--strict"]).objects()) {
        // Here the line end is no part of the URI.
        let is_valid = case["spec"] == "valid" || text(case).ends_with('\n');
        assert_eq!(object["error"].is_null(), is_valid, "{case}");
    }
}

#[test]
fn exports_have_the_expected_outcome() {
    let wrong = wrong("migration-uris", &exports(), |case| {
        let run = otp(text(case), &["inspect", "--json", "--reveal"]);
        let (objects, expect) = (run.objects(), &case["expect"]);
        let Some(accounts) = expect["accounts"].as_array() else {
            return run.status == 1 && objects.iter().all(|object| agrees(object, expect));
        };
        // A single page is not its whole batch.
        let (found, missing): (Vec<_>, Vec<_>) =
            objects.iter().partition(|object| !object["line"].is_null());
        let alone = expect["batch"]["size"].as_u64().unwrap() > 1;
        assert_eq!(missing.len(), usize::from(alone), "{case}");
        let any_refused = accounts.iter().any(|account| account == "reject");
        let batch = |found: &Value| {
            json!({
                "size": found["batch_size"], "index": found["batch_index"], "id": found["batch_id"],
            })
        };
        run.status == i32::from(any_refused || alone)
            && found.len() == accounts.len()
            && found.iter().zip(1..).zip(accounts).all(|((found, entry), account)| {
                agrees(found, account)
                    && found["entry"] == entry
                    && found["version"] == expect["version"]
                    && batch(found) == expect["batch"]
            })
    });
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A control: the comparison notices a difference.
#[test]
fn control_differences_are_noticed() {
    let cases = uris();
    assert_eq!(wrong("otpauth-uris", &cases, |_| false).len(), cases.len());
    let expect = &cases[0]["expect"];
    let object = otp(text(&cases[0]), &["inspect", "--json", "--reveal"]).object();
    assert!(agrees(&object, expect) && !agrees(&object, &json!("reject")));
    for (name, _) in expect.as_object().unwrap() {
        let mut other = expect.clone();
        other[name] = json!("other");
        assert!(!agrees(&object, &other), "{name}");
    }
}

/// Returns the forms in which a key may be written.
fn spellings(hex: &str) -> Vec<String> {
    let key = otp_core::Secret::from_hex(hex).unwrap();
    let base32 = key.reveal_base32().as_str().to_owned();
    let mut all = vec![hex.to_owned(), hex.to_uppercase(), base32.to_lowercase(), base32];
    all.extend(String::from_utf8(key.reveal().to_vec()));
    all
}

/// Returns the keys of a case, and the text of one that is refused, unless they may be parts of words.
fn secrets(case: &Value) -> Vec<String> {
    let one = vec![case["expect"].clone()];
    let accounts = case["expect"]["accounts"].as_array().unwrap_or(&one);
    let keys = accounts.iter().filter_map(|account| account["secret_hex"].as_str());
    let mut secrets: Vec<_> = keys.filter(|hex| hex.len() >= 10).flat_map(spellings).collect();
    if let Some((_, text)) = text(case).split_once("secret=").filter(|_| secrets.is_empty()) {
        let text = text.split('&').next().unwrap();
        secrets.extend(Some(text.to_owned()).filter(|text| text.len() >= 8));
    }
    secrets
}

#[test]
fn keys_are_shown_only_with_reveal() {
    for cases in [uris(), exports()] {
        let secrets: Vec<_> = cases.iter().flat_map(secrets).collect();
        assert!(secrets.len() > 100);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        for options in [&[][..], &["--json"], &["--strict"]] {
            inspect(&cases, options).assert_silent_on(&secrets);
        }
    }
}

/// A control: the check above notices a key that is shown.
#[test]
#[should_panic(expected = "stdout has")]
fn control_key_that_is_shown_is_noticed() {
    let case = &uris()[0];
    otp(text(case), &["inspect", "--reveal"]).assert_silent_on(&[&secrets(case)[0]]);
}
