//! The collected URIs and exports of other implementations through `otp inspect`.

use serde_json::{Value, json};

use crate::otp::otp;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn uris() -> Vec<Value> {
    let file = read(include_str!("../../../../vectors/otpauth-uris.json"));
    file["cases"].as_array().unwrap().clone()
}

fn exports() -> Vec<Value> {
    let file = read(include_str!("../../../../vectors/migration-uris.json"));
    file["cases"].as_array().unwrap().clone()
}

fn text(case: &Value) -> &str {
    case["uri"].as_str().unwrap()
}

/// Returns the cases that are exceptions of the reader of URIs.
fn listed(file: &str) -> Vec<String> {
    let exceptions = read(include_str!("../../../otp-uri/tests/exceptions.json"));
    let listed = exceptions[file].as_array().unwrap().iter();
    listed.map(|exception| exception["case"].as_str().unwrap().to_owned()).collect()
}

/// Returns the cases that differ and are not listed, and those that are listed and agree.
fn wrong(file: &str, cases: &[Value], agrees: impl Fn(&Value) -> bool) -> Vec<String> {
    let listed = listed(file);
    let id = |case: &Value| case["id"].as_str().unwrap().to_owned();
    let wrong = cases.iter().filter(|case| agrees(case) == listed.contains(&id(case)));
    wrong.map(id).collect()
}

/// Returns whether an object is the expected refusal, or has the expected fields and findings.
fn agrees(found: &Value, expect: &Value) -> bool {
    if expect == "reject" {
        let filled = |name: &str| found[name].as_str().is_some_and(|text| !text.is_empty());
        return filled("error") && filled("part") && filled("message") && found["type"].is_null();
    }
    let mut expect = expect.clone();
    // The command does not show the name of an export's account before it was split.
    expect.as_object_mut().unwrap().remove("name_field");
    let mut found = found.clone();
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
    let wrong = wrong("otpauth-uris", &uris(), |case| {
        let run = otp(text(case), &["inspect", "--json", "--reveal"]);
        let (object, expect) = (run.object(), &case["expect"]);
        if matches!(expect["type"].as_str(), Some("motp" | "yandex")) {
            return (run.status, &object["error"]) == (1, &json!("unsupported"));
        }
        run.status == i32::from(expect == "reject") && agrees(&object, expect)
    });
    assert!(wrong.is_empty(), "{wrong:?}");
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
        run.status == i32::from(any_refused || alone)
            && found.len() == accounts.len()
            && found.iter().zip(accounts).all(|(found, account)| agrees(found, account))
            && found.iter().zip(1..).all(|(found, entry)| {
                let batch = &expect["batch"];
                found["entry"] == entry
                    && found["version"] == expect["version"]
                    && found["batch_id"] == batch["id"]
                    && found["batch_index"] == batch["index"]
                    && found["batch_size"] == batch["size"]
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

#[test]
fn strict_accepts_only_valid_uris() {
    for case in uris() {
        // Here the line end is no part of the URI.
        let uri = text(&case).trim_end_matches('\n');
        let is_valid = case["spec"] == "valid" || uri != text(&case);
        let run = otp(uri, &["inspect", "--json", "--strict"]);
        assert_eq!(run.status, i32::from(!is_valid), "{case}");
        let object = run.object();
        assert_eq!(object["error"].is_null(), is_valid, "{case}");
    }
}

/// All cases are the lines of one input. Each line has its own answer.
#[test]
fn each_line_has_its_own_answer() {
    let cases = uris();
    let lines: Vec<&str> = cases.iter().map(|case| text(case).trim_end()).collect();
    let run = otp(lines.join("\n"), &["inspect", "--json"]);
    assert_eq!(run.status, 1);
    let numbers: Vec<_> = run.objects().iter().map(|it| it["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
}

/// Returns the forms in which a key may be written.
fn spellings(hex: &str) -> Vec<String> {
    let key = otp_core::Secret::from_hex(hex).unwrap();
    let base32 = key.reveal_base32().as_str().to_owned();
    let mut all = vec![hex.to_owned(), hex.to_uppercase(), base32.to_lowercase(), base32];
    all.extend(String::from_utf8(key.reveal().to_vec()));
    all
}

#[test]
fn keys_are_shown_only_with_reveal() {
    let mut seen = 0;
    for case in uris().iter().chain(&exports()) {
        let expect = &case["expect"];
        let keys: Vec<String> = expect["accounts"]
            .as_array()
            .unwrap_or(&vec![expect.clone()])
            .iter()
            .filter_map(|account| account["secret_hex"].as_str())
            // A shorter key may be a word of a message.
            .filter(|hex| hex.len() >= 10)
            .flat_map(spellings)
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        for arguments in [&["inspect"][..], &["inspect", "--json"], &["inspect", "--strict"]] {
            otp(text(case), arguments).assert_silent_on(&keys);
            seen += keys.len();
        }
        // The text of a refused URI is not shown either.
        let run = otp(text(case), &["inspect"]);
        if let Some((_, secret)) = text(case).split_once("secret=").filter(|_| run.status == 1) {
            let secret = secret.split('&').next().unwrap();
            if secret.len() >= 8 {
                run.assert_silent_on(&[secret]);
            }
        }
    }
    assert!(seen > 1000);
}

/// A control: the check above notices a key that is shown.
#[test]
#[should_panic(expected = "stdout has")]
fn control_key_that_is_shown_is_noticed() {
    let case = &uris()[0];
    let hex = case["expect"]["secret_hex"].as_str().unwrap();
    otp(text(case), &["inspect", "--reveal"]).assert_silent_on(&[hex]);
}
