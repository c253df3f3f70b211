//! Records as lines of `otp inspect`, and in commands that need a URI.

use serde_json::{Value, json};

use crate::otp::{SECRET, otp};

fn inspect(record: &str) -> Value {
    otp(record, &["inspect", "--json"]).object()
}

#[test]
fn plain_records_are_read() {
    let of_passlib = format!(
        r#"{{"digits":8,"key":"{SECRET}","label":"bob","last_counter":9,"type":"totp","v":1}}"#
    );
    let expected = json!({
        "line": 1, "form": "passlib", "type": "totp", "issuer": null, "account": "bob",
        "algorithm": "SHA1", "digits": 8, "period": 30, "key": "plain", "next": 10, "findings": [],
    });
    assert_eq!(inspect(&of_passlib), expected);
    let ours = format!(
        r#"{{"v":2,"account":"bob","issuer":"ACME","type":"hotp","algorithm":"SHA512","digits":6,"next":7,"secret":"{SECRET}"}}"#
    );
    let expected = json!({
        "line": 1, "form": "record", "type": "hotp", "issuer": "ACME", "account": "bob",
        "algorithm": "SHA512", "digits": 6, "counter": 7, "key": "plain", "next": 7, "findings": [],
    });
    assert_eq!(inspect(&ours), expected);
    for record in [of_passlib, ours] {
        otp(&record, &["inspect"]).assert_silent_on(&[SECRET]);
        let run = otp(&record, &["inspect", "--json", "--reveal"]);
        assert_eq!(run.object()["secret_hex"], "3132333435363738393031323334353637383930");
    }
}

#[test]
fn encrypted_key_stays_encrypted() {
    let record = r#"{"enckey":{"c":14,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"type":"totp","v":1}"#;
    let object = otp(record, &["inspect", "--json", "--reveal"]).object();
    assert_eq!((&object["key"], &object["tag"]), (&json!("encrypted"), &json!("1")));
    assert_eq!((&object["account"], &object["secret_hex"]), (&json!(null), &json!(null)));
    otp(record, &["inspect"]).assert_silent_on(&["MHCTEGSNPFN5CGBJ"]);
}

#[test]
fn hostile_record_is_refused_and_the_next_line_is_read() {
    let record = |rest: &str| format!(r#"{{"v":1,"type":"totp","key":"{SECRET}"{rest}}}"#);
    let nested = format!(r#","label":{}1{}"#, "[".repeat(20_000), "]".repeat(20_000));
    for (line, error, part) in [
        ("{".to_owned(), "malformed", "record"),
        ("{}".to_owned(), "missing", "v"),
        ("{\"\\ud800\":1}".to_owned(), "invalid", "record"),
        (record(r#","new":true"#), "unknown", "record"),
        (record(r#","GEZDGNBV":true"#), "unknown", "record"),
        (record(r#","key":"AAAAAAAA""#), "duplicate", "key"),
        (record(r#","digits":"GEZDGNBV""#), "invalid", "digits"),
        (record(r#","digits":6.0"#), "invalid", "digits"),
        (record(r#","digits":6e0"#), "invalid", "digits"),
        (record(r#","period":-1"#), "invalid", "period"),
        (record(r#","period":18446744073709551616"#), "invalid", "period"),
        (record(r#","period":1e999"#), "invalid", "period"),
        (record(r#","alg":"GEZDGNBV""#), "invalid", "algorithm"),
        (record(r#","label":{"GEZDGNBV":1}"#), "invalid", "label"),
        (record(r#","label":"a:GEZDGNBV""#), "invalid", "label"),
        (record(r#","enckey":"1-8-GEZDGNBV-GEZDGNBV""#), "unsupported", "enckey"),
        (record(r#","counter":1"#), "conflict", "counter"),
        (record(&nested), "invalid", "label"),
        (format!(r#"{{"v":1,"type":"totp","key":"{SECRET}!"}}"#), "invalid", "secret"),
        (format!(r#"{{"v":"{SECRET}","type":"totp"}}"#), "invalid", "v"),
        (format!(r#"{{"v":1,"type":"{SECRET}"}}"#), "invalid", "type"),
        (format!(r#"{{"v":3,"key":"{SECRET}"}}"#), "unknown", "v"),
        (format!(r#"{{"v":2,"type":"totp","sealed":"{SECRET}"}}"#), "invalid", "sealed"),
    ] {
        let input = format!("{line}\notpauth://totp/a?secret={SECRET}");
        for command in [&["inspect"][..], &["convert", "--to", "migration"]] {
            let run = otp(&input, &[command, &["--json"]].concat());
            let objects = run.objects();
            assert_eq!((run.status, objects.len()), (1, 2), "{line:.99} {run:?}");
            let found = (&objects[0]["error"], &objects[0]["part"]);
            assert_eq!(found, (&json!(error), &json!(part)), "{line:.99} {}", objects[0]);
            assert!(!objects[0]["message"].as_str().unwrap().contains(" line "), "{}", objects[0]);
            run.assert_silent_on(&["GEZDGNBV", "[["]);
            let run = otp(&input, command);
            run.assert_silent_on(&["GEZDGNBV", "[["]);
            assert_eq!((run.status, run.stderr.lines().count()), (1, 1), "{run:?}");
        }
    }
}

#[test]
fn record_or_export_in_place_of_a_uri_is_named() {
    let record = format!(r#"{{"v":1,"type":"totp","key":"{SECRET}"}}"#);
    let export = "otpauth-migration://offline?data=CioKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgVhY2N0MBoFQmF0Y2ggASgBMAIQARgBIAAoBw%3D%3D";
    for command in [&["code"][..], &["match", "123456"], &["qr"]] {
        let json = [command, &["--json"]].concat();
        let message = otp(&record, &json).failure(2, "unsupported", "record");
        assert!(message.ends_with("otp convert --to uri makes one of it"), "{message}");
        let message = otp(export, &json).failure(2, "export", "uri");
        assert!(message.ends_with("otp convert --to uri splits it"), "{message}");
        otp(&record, command).assert_silent_on(&[SECRET]);
        otp("{", &json).failure(2, "unsupported", "record");
    }
}
