//! `otp convert --account` and `--issuer`: names for credentials without names.

use serde_json::json;

use crate::convert::{Wallet, convert, fields};
use crate::database::Database;
use crate::otp::{SECRET, otp};

/// A record without a label, as passlib writes most of its records.
const ENCRYPTED: &str = r#"{"enckey":{"c":13,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"type":"totp","v":1}"#;

/// Returns inputs without an account name, and the issuer of each.
fn unnamed() -> [(String, Option<&'static str>); 4] {
    [
        (format!(r#"{{"key":"{SECRET}","type":"totp","v":1}}"#), None),
        (format!("otpauth://totp/?secret={SECRET}"), None),
        (format!("otpauth://totp/Steam:?secret={SECRET}&encoder=steam"), Some("Steam")),
        (format!("steam://{SECRET}"), None),
    ]
}

#[test]
fn missing_names_are_added() {
    for (line, issuer) in unnamed() {
        let run = convert(&line, "uri", &["--account", "alice", "--issuer", "ACME"]);
        let object = otp(run.line(), &["inspect", "--json"]).object();
        assert_eq!(object["account"], "alice", "{line}");
        assert_eq!(object["issuer"], issuer.unwrap_or("ACME"), "{line}");
        let run = convert(&line, "uri", &["--account", "alice"]);
        let object = otp(run.line(), &["inspect", "--json"]).object();
        assert_eq!((&object["account"], &object["issuer"]), (&json!("alice"), &json!(issuer)));
    }
    // Existing names stay.
    let named = format!("otpauth://totp/ACME:bob?secret={SECRET}&issuer=ACME");
    let only_account = format!("otpauth://totp/bob?secret={SECRET}");
    let options = ["--account", "alice", "--issuer", "Other"];
    let run = convert(&format!("{named}\n{only_account}"), "uri", &options);
    let with_issuer = format!("otpauth://totp/Other:bob?secret={SECRET}&issuer=Other");
    assert_eq!(run.stdout, format!("{named}\n{with_issuer}\n"));
}

#[test]
fn added_names_are_in_every_form() {
    let (record, _) = &unnamed()[0];
    let options = ["--account", "alice", "--issuer", "ACME"];
    let passlib = convert(record, "passlib", &options);
    let expected =
        format!(r#"{{"issuer":"ACME","key":"{SECRET}","label":"alice","type":"totp","v":1}}"#);
    assert_eq!(passlib.line(), expected);
    let page = convert(record, "migration", &options);
    let object = otp(page.line(), &["inspect", "--json"]).object();
    assert_eq!((&object["account"], &object["issuer"]), (&json!("alice"), &json!("ACME")));
}

#[test]
fn missing_account_names_the_option() {
    for (line, _) in unnamed() {
        for to in ["uri", "migration"] {
            for options in [&["--json"][..], &["--json", "--issuer", "ACME"]] {
                let run = convert(&line, to, options);
                let objects = run.objects();
                assert_eq!((run.status, objects.len()), (1, 1), "{line}");
                assert_eq!(
                    (&objects[0]["error"], &objects[0]["part"]),
                    (&json!("invalid"), &json!("account"))
                );
                assert!(objects[0]["message"].as_str().unwrap().contains("--account"));
                run.assert_silent_on(&[SECRET]);
            }
        }
    }
}

#[test]
fn malformed_names_are_rejected() {
    for (options, part) in [(["--account", " "], "account"), (["--issuer", ""], "issuer")] {
        let run = convert("", "uri", &[&options[..], &["--json"]].concat());
        run.failure(2, "empty", part);
    }
}

/// The message of `otp enroll` says how to enrol an encrypted record without a label.
#[test]
fn encrypted_record_is_enrolled_as_the_message_advises() {
    let database = Database::new();
    let enroll = |line: &str| database.otp(line, &["enroll", "alice", "--from", "-"]);
    let message = enroll(ENCRYPTED).failure(2, "unsupported", "enckey");
    let way = "otp convert --to uri --wallet FILE --account NAME opens it";
    assert!(message.ends_with(way), "{message}");
    let wallet = Wallet::new("1: abcdef");
    let uri = convert(ENCRYPTED, "uri", &["--wallet", &wallet.path, "--account", "alice"]);
    let object = enroll(uri.line()).object();
    assert_eq!((&object["outcome"], &object["account"]), (&"pending".into(), &"alice".into()));
    assert_eq!(object["secret_base32"], "4AOGGDBBQSYHNTUZ");
    assert_eq!(fields(&otp(uri.line(), &["inspect", "--json"]), "type"), ["totp"]);

    let labelled = ENCRYPTED.replace(r#""type""#, r#""label":"a","type""#);
    let message = enroll(&labelled).failure(2, "unsupported", "enckey");
    assert!(message.ends_with("otp convert --to uri --wallet FILE opens it"), "{message}");
}
