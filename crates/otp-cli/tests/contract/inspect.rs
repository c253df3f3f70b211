//! `otp inspect`: what a line says, and what is never said.

use serde_json::{Value, json};

use crate::otp::{SECRET, otp};

/// Other programs' URIs and exports, each with what it means.
fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn uris() -> Vec<Value> {
    cases(include_str!("../../../../vectors/otpauth-uris.json"))
}

fn exports() -> Vec<Value> {
    cases(include_str!("../../../../vectors/migration-uris.json"))
}

/// Checks the fields that a case names; one that it does not name may be there.
fn check(case: &Value, expect: &Value, found: &Value) {
    if expect == "reject" {
        for field in ["error", "part", "message"] {
            assert!(found[field].is_string(), "{case}: {found}");
        }
        return;
    }
    for (name, value) in expect.as_object().unwrap() {
        // What an export's name field held before it was taken apart is not shown.
        if name == "name_field" {
            continue;
        }
        // A name that is not there is null, or empty where there is no place for one.
        let absent = |value: &Value| value.is_null() || value == "";
        let same = found[name] == *value || (absent(value) && absent(&found[name]));
        assert!(same, "{case}: {name} in {found}");
    }
}

#[test]
fn every_known_uri_is_read_as_it_should_be() {
    for case in uris() {
        let uri = case["uri"].as_str().unwrap();
        if uri.contains('\n') {
            // That is more than a line here.
            continue;
        }
        let run = otp(uri, &["inspect", "--json", "--reveal"]);
        let expect = &case["expect"];
        if matches!(expect["type"].as_str(), Some("motp" | "yandex")) {
            assert_eq!((run.status, &run.object()["error"]), (1, &json!("unsupported")), "{case}");
            continue;
        }
        assert_eq!(run.status, i32::from(expect == "reject"), "{case}: {run:?}");
        check(&case, expect, &run.object());
    }
}

#[test]
fn every_known_export_is_read_as_it_should_be() {
    for case in exports() {
        let run = otp(case["uri"].as_str().unwrap(), &["inspect", "--json", "--reveal"]);
        let objects = run.objects();
        let Some(accounts) = case["expect"]["accounts"].as_array() else {
            assert_eq!((run.status, objects.len()), (1, 1), "{case}: {run:?}");
            check(&case, &case["expect"], &objects[0]);
            continue;
        };
        assert!(objects.len() >= accounts.len(), "{case}: {run:?}");
        for (account, found) in accounts.iter().zip(&objects) {
            check(&case, account, found);
        }
        for (name, value) in case["expect"]["batch"].as_object().into_iter().flatten() {
            assert_eq!(objects[0][&format!("batch_{name}")], *value, "{case}: {run:?}");
        }
    }
}

#[test]
fn strict_takes_the_valid_and_refuses_the_invalid() {
    for case in uris() {
        let status = match case["spec"].as_str().unwrap() {
            "valid" => 0,
            "invalid" => 1,
            _ => continue,
        };
        let uri = case["uri"].as_str().unwrap();
        if !uri.contains('\n') {
            let run = otp(uri, &["inspect", "--json", "--strict"]);
            assert_eq!(run.status, status, "{case}: {run:?}");
        }
    }
}

#[test]
fn no_key_is_shown_unasked() {
    let lines: Vec<Value> = uris().into_iter().chain(exports()).collect();
    for case in &lines {
        let accounts = case["expect"]["accounts"].as_array().cloned();
        for expect in accounts.unwrap_or_else(|| vec![case["expect"].clone()]) {
            let Some(secret) = expect["secret_hex"].as_str().filter(|hex| hex.len() > 8) else {
                continue;
            };
            for arguments in [&["inspect"][..], &["inspect", "--json"]] {
                otp(case["uri"].as_str().unwrap(), arguments).assert_silent_on(&[secret]);
            }
        }
    }
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    otp(&uri, &["inspect"]).assert_silent_on(&[SECRET]);
    let shown = otp(&uri, &["inspect", "--reveal"]).stdout;
    assert!(shown.contains("3132333435363738393031323334353637383930"), "the control: {shown}");
}

#[test]
fn a_bad_line_does_not_stop_the_others() {
    let input = [
        format!("otpauth://totp/ACME:bob?secret={SECRET}").into_bytes(),
        b"not a uri".to_vec(),
        Vec::new(),
        [b"otpauth://totp/".as_slice(), &b"a".repeat(1 << 20)].concat(),
        b"otpauth://totp/\0?secret=AA".to_vec(),
        b"otpauth://totp/\xff?secret=AA".to_vec(),
        b"motp://a?secret=e3152afee62599c8".to_vec(),
        format!("otpauth://hotp/a?secret={SECRET}&counter=7").into_bytes(),
    ]
    .join(&b'\n');
    let run = otp(input, &["inspect", "--json"]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""), "{run:?}");
    let objects = run.objects();
    let lines: Vec<_> = objects.iter().map(|object| object["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 4, 5, 6, 7, 8]);
    assert_eq!(objects[0]["issuer"], "ACME");
    assert_eq!(objects[5]["error"], "unsupported");
    assert_eq!(
        [&objects[6]["type"], &objects[6]["counter"], &objects[6]["secret_hex"]],
        [&json!("hotp"), &json!(7), &json!(null)]
    );
    run.assert_silent_on(&["not a uri", "e3152afee62599c8", SECRET]);
}

#[test]
fn names_cannot_drive_the_terminal() {
    let uri = format!("otpauth://totp/%1B%5B2Jevil%E2%80%AE:b%0Ad?secret={SECRET}");
    let run = otp(&uri, &["inspect"]);
    assert_eq!(run.status, 0);
    run.assert_silent_on(&["\u{1b}", "\u{202e}", "b\nd"]);
}

#[test]
fn records_are_read_too() {
    let record = format!(r#"{{"digits":8,"key":"{SECRET}","label":"bob","type":"totp","v":1}}"#);
    let run = otp(&record, &["inspect", "--json"]);
    let object = run.object();
    assert_eq!(run.status, 0);
    assert_eq!(
        [&object["type"], &object["account"], &object["digits"]],
        [&json!("totp"), &json!("bob"), &json!(8)]
    );
    run.assert_silent_on(&[SECRET]);
    let run = otp(r#"{"v":1,"type":"totp","key":"AA","new":true}"#, &["inspect", "--json"]);
    assert_eq!((run.status, &run.object()["error"]), (1, &json!("unknown")));
}
