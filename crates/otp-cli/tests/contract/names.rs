//! `otp convert --account` and `--issuer`: names for credentials that have none.

use serde_json::json;

use crate::convert::{Wallet, convert, fields};
use crate::database::Database;
use crate::otp::{SECRET, otp};

/// As passlib writes most of its records: without a label.
const ENCRYPTED: &str = r#"{"enckey":{"c":13,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"type":"totp","v":1}"#;

/// What nobody is named in, and who each is with.
fn unnamed() -> [(String, Option<&'static str>); 4] {
    [
        (format!(r#"{{"key":"{SECRET}","type":"totp","v":1}}"#), None),
        (format!("otpauth://totp/?secret={SECRET}"), None),
        (format!("otpauth://totp/Steam:?secret={SECRET}&encoder=steam"), Some("Steam")),
        (format!("steam://{SECRET}"), None),
    ]
}

#[test]
fn names_are_given_to_those_that_lack_them() {
    for (line, issuer) in unnamed() {
        let run = convert(&line, "uri", &["--account", "alice", "--issuer", "ACME"]);
        let object = otp(run.line(), &["inspect", "--json"]).object();
        assert_eq!(object["account"], "alice", "{line}");
        assert_eq!(object["issuer"], issuer.unwrap_or("ACME"), "{line}");
        let run = convert(&line, "uri", &["--account", "alice"]);
        let object = otp(run.line(), &["inspect", "--json"]).object();
        assert_eq!((&object["account"], &object["issuer"]), (&json!("alice"), &json!(issuer)));
    }
    // The names that there are stay.
    let named = format!("otpauth://totp/ACME:bob?secret={SECRET}&issuer=ACME");
    let only_account = format!("otpauth://totp/bob?secret={SECRET}");
    let options = ["--account", "alice", "--issuer", "Other"];
    let run = convert(&format!("{named}\n{only_account}"), "uri", &options);
    let with_issuer = format!("otpauth://totp/Other:bob?secret={SECRET}&issuer=Other");
    assert_eq!(run.stdout, format!("{named}\n{with_issuer}\n"));
}

#[test]
fn every_form_has_the_names() {
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
fn without_them_the_option_is_named() {
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
fn names_that_are_none_are_refused() {
    for (options, part) in [(["--account", " "], "account"), (["--issuer", ""], "issuer")] {
        let run = convert("", "uri", &[&options[..], &["--json"]].concat());
        run.failure(2, "empty", part);
    }
}

/// The way of an encrypted record without a label into the database, as its refusal shows it.
#[test]
fn an_encrypted_record_can_be_enrolled() {
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
