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

/// The cases that the reader of URIs leaves out, with its reasons.
fn listed(file: &str) -> Vec<String> {
    let exceptions = read(include_str!("../../../otp-uri/tests/exceptions.json"));
    let listed = exceptions[file].as_array().unwrap().iter();
    listed.map(|exception| exception["case"].as_str().unwrap().to_owned()).collect()
}

/// Cases that differ and are not listed, and those that are listed and agree.
fn wrong(file: &str, cases: &[Value], agrees: impl Fn(&Value) -> bool) -> Vec<String> {
    let listed = listed(file);
    let id = |case: &Value| case["id"].as_str().unwrap().to_owned();
    let wrong = cases.iter().filter(|case| agrees(case) == listed.contains(&id(case)));
    wrong.map(id).collect()
}

/// Whether an object is a refusal, or says what is expected and of findings nothing else.
fn agrees(found: &Value, expect: &Value) -> bool {
    if expect == "reject" {
        let filled = |name: &str| found[name].as_str().is_some_and(|text| !text.is_empty());
        return filled("error") && filled("part") && filled("message") && found["type"].is_null();
    }
    let mut expect = expect.clone();
    // What an export's account held before its name was taken apart is not shown.
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
fn uris_are_read_as_they_should_be() {
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
fn exports_are_read_as_they_should_be() {
    let wrong = wrong("migration-uris", &exports(), |case| {
        let run = otp(text(case), &["inspect", "--json", "--reveal"]);
        let (objects, expect) = (run.objects(), &case["expect"]);
        let Some(accounts) = expect["accounts"].as_array() else {
            return run.status == 1 && objects.iter().all(|object| agrees(object, expect));
        };
        // A page that is alone is not all of its batch.
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

/// The comparison itself: it sees a difference.
#[test]
fn differences_are_seen() {
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
fn strict_takes_the_valid_and_refuses_the_rest() {
    for case in uris() {
        // Here the break at the end of a line is none of the URI's.
        let uri = text(&case).trim_end_matches('\n');
        let is_valid = case["spec"] == "valid" || uri != text(&case);
        let run = otp(uri, &["inspect", "--json", "--strict"]);
        assert_eq!(run.status, i32::from(!is_valid), "{case}");
        let object = run.object();
        assert_eq!(object["error"].is_null(), is_valid, "{case}");
    }
}

/// All of them at once: each line is judged for itself, and none is lost.
#[test]
fn lines_are_told_apart() {
    let cases = uris();
    let lines: Vec<&str> = cases.iter().map(|case| text(case).trim_end()).collect();
    let run = otp(lines.join("\n"), &["inspect", "--json"]);
    assert_eq!(run.status, 1);
    let numbers: Vec<_> = run.objects().iter().map(|it| it["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
}

/// The ways in which a key may be written.
fn spellings(hex: &str) -> Vec<String> {
    let key = otp_core::Secret::from_hex(hex).unwrap();
    let base32 = key.reveal_base32().as_str().to_owned();
    let mut all = vec![hex.to_owned(), hex.to_uppercase(), base32.to_lowercase(), base32];
    all.extend(String::from_utf8(key.reveal().to_vec()));
    all
}

#[test]
fn no_key_is_shown_unasked() {
    let mut seen = 0;
    for case in uris().iter().chain(&exports()) {
        let expect = &case["expect"];
        let keys: Vec<String> = expect["accounts"]
            .as_array()
            .unwrap_or(&vec![expect.clone()])
            .iter()
            .filter_map(|account| account["secret_hex"].as_str())
            // Shorter ones are words that may stand in a message.
            .filter(|hex| hex.len() >= 10)
            .flat_map(spellings)
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        for arguments in [&["inspect"][..], &["inspect", "--json"], &["inspect", "--strict"]] {
            otp(text(case), arguments).assert_silent_on(&keys);
            seen += keys.len();
        }
        // Nor is the text of a URI that is refused.
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

/// The check above would see a key, if there were one to see.
#[test]
#[should_panic(expected = "stdout has")]
fn a_key_that_is_shown_is_noticed() {
    let case = &uris()[0];
    let hex = case["expect"]["secret_hex"].as_str().unwrap();
    otp(text(case), &["inspect", "--reveal"]).assert_silent_on(&[hex]);
}
