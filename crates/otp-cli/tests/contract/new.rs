use std::collections::HashSet;

use serde_json::{Value, json};

use crate::otp::{Run, otp};

fn new(options: &[&str]) -> Run {
    otp("", &[&["new", "--json"], options].concat())
}

/// Returns the fields that are the same at every run.
fn fixed(mut object: Value) -> Value {
    let fields = object.as_object_mut().unwrap();
    assert!(fields.remove("uri").is_some() && fields.remove("secret_base32").is_some());
    object
}

#[test]
fn new_credential_has_all_fields() {
    let run = new(&["--issuer", "ACME Co", "--account", "alice@example.com"]);
    assert_eq!(run.status, 0);
    let object = run.object();
    let secret = object["secret_base32"].as_str().unwrap();
    let uri =
        format!("otpauth://totp/ACME%20Co:alice@example.com?secret={secret}&issuer=ACME%20Co");
    assert_eq!(object["uri"], uri);
    let expected = json!({
        "type": "totp", "issuer": "ACME Co", "account": "alice@example.com",
        "algorithm": "SHA1", "digits": 6, "period": 30,
    });
    assert_eq!(fixed(object), expected);

    let run = new(&["--account", "a", "--algorithm", "sha-512", "--digits", "8", "--period", "60"]);
    let expected = json!({
        "type": "totp", "issuer": null, "account": "a",
        "algorithm": "SHA512", "digits": 8, "period": 60,
    });
    assert_eq!(fixed(run.object()), expected);

    let last = u64::MAX.to_string();
    let run = new(&["--account", "a", "--type", "HOTP", "--counter", &last]);
    let expected = json!({
        "type": "hotp", "issuer": null, "account": "a",
        "algorithm": "SHA1", "digits": 6, "counter": u64::MAX,
    });
    assert_eq!(fixed(run.object()), expected);

    let run = new(&["--account", "a", "--type", "steam"]);
    let expected = json!({
        "type": "steam", "issuer": null, "account": "a",
        "algorithm": "SHA1", "digits": 5, "period": 30,
    });
    assert_eq!(fixed(run.object()), expected);
}

#[test]
fn uri_and_secret_give_the_same_code() {
    for options in [
        &["--type", "totp", "--digits", "8", "--algorithm", "SHA256"][..],
        &["--type", "hotp", "--digits", "7", "--counter", "9"],
        &["--type", "steam"],
    ] {
        let object = new(&[&["--account", "a b+c@d"], options].concat()).object();
        let time: &[&str] = if options[1] == "hotp" { &[] } else { &["--time", "1000"] };
        let from_uri = otp(object["uri"].as_str().unwrap(), &[&["code"], time].concat());
        let secret = object["secret_base32"].as_str().unwrap();
        let from_secret = otp(secret, &[&["code"], options, time].concat());
        assert_eq!(from_uri.line(), from_secret.line(), "{options:?}");
    }
}

#[test]
fn key_length_is_that_of_the_hash_or_of_the_option() {
    // Base32 has eight letters for five bytes.
    for (options, letters) in [
        (&["--algorithm", "SHA1"][..], 32),
        (&["--algorithm", "SHA256"], 52),
        (&["--algorithm", "SHA512"], 103),
        (&["--type", "steam"], 32),
        (&["--bytes", "16"], 26),
        (&["--bytes", "128"], 205),
    ] {
        let object = new(&[&["--account", "a"], options].concat()).object();
        assert_eq!(object["secret_base32"].as_str().unwrap().len(), letters, "{options:?}");
    }
    for bytes in ["0", "15", "129", "-1", "1e2", "18446744073709551616"] {
        let message = new(&["--account", "a", "--bytes", bytes]).failure(2, "invalid", "bytes");
        assert_eq!(message, "bytes must be 16 to 128");
    }
}

#[test]
fn new_keys_differ() {
    let made: HashSet<String> = (0..20)
        .map(|_| new(&["--account", "a"]).object()["secret_base32"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(made.len(), 20);
}

#[test]
fn answer_without_json_is_the_uri_and_with_qr_the_code() {
    let run = otp("", &["new", "--account", "a"]);
    assert!(run.line().starts_with("otpauth://totp/a?secret="));
    assert_eq!(run.stderr, "");
    let run = otp("", &["new", "--account", "a", "--qr"]);
    let (uri, qr) = run.stdout.split_once('\n').unwrap();
    assert_eq!(otp(uri, &["qr"]).stdout.trim_end(), qr.trim_end());
    let object = new(&["--account", "a", "--qr"]).object();
    let qr = otp(object["uri"].as_str().unwrap(), &["qr", "--json"]).object();
    assert_eq!(object["qr"], qr["qr"]);
}

#[test]
fn missing_or_conflicting_options_are_named() {
    for (options, error, part) in [
        (&[][..], "usage", "account"),
        (&["--account", ""], "empty", "account"),
        (&["--account", "a", "--issuer", " "], "empty", "issuer"),
        (&["--account", "a", "--counter", "1"], "usage", "counter"),
        (&["--account", "a", "--type", "hotp", "--period", "30"], "usage", "period"),
        (&["--account", "a", "--type", "steam", "--digits", "6"], "usage", "digits"),
        (&["--account", "a", "--type", "motp"], "invalid", "type"),
        (&["--account", "a", "--algorithm", "MD5"], "invalid", "algorithm"),
    ] {
        new(options).failure(2, error, part);
    }
}
