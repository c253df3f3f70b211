//! `otp convert`: there and back again.

use std::fs;

use serde_json::json;

use crate::otp::{SECRET, otp};

fn wallet(text: &str, mode: u32) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn uris() -> String {
    [
        format!("otpauth://totp/ACME:alice@example.com?secret={SECRET}&issuer=ACME"),
        format!("otpauth://hotp/bob?secret={SECRET}&algorithm=SHA256&digits=8&counter=77"),
    ]
    .join("\n")
}

#[test]
fn every_form_leads_back() {
    let (_folder, path) = wallet("1: a secret of the application\n2: a newer one of 20\n", 0o600);
    for (to, options) in [
        ("uri", vec![]),
        ("migration", vec![]),
        ("passlib", vec![]),
        ("passlib", vec!["--wallet", &path]),
    ] {
        let written = otp(uris(), &[&["convert", "--to", to], &options[..]].concat());
        assert_eq!((written.status, written.stderr.as_str()), (0, ""), "{to}");
        if !options.is_empty() {
            written.assert_silent_on(&[SECRET]);
        }
        let back = otp(&written.stdout, &[&["convert", "--to", "uri"], &options[..]].concat());
        assert_eq!(back.stdout.trim_end(), uris(), "{to}");
    }
}

#[test]
fn passlib_gets_its_own_layout() {
    let run = otp(uris(), &["convert", "--to", "passlib", "--json"]);
    let records: Vec<_> = run.objects();
    assert_eq!(
        records[0],
        json!({
            "line": 1,
            "record": format!(
                r#"{{"issuer":"ACME","key":"{SECRET}","label":"alice@example.com","type":"totp","v":1}}"#
            ),
        })
    );
}

#[test]
fn what_cannot_be_expressed_is_refused_for_itself() {
    let input = [
        format!("otpauth://totp/a?secret={SECRET}&digits=7"),
        format!("otpauth://totp/b?secret={SECRET}"),
        format!("otpauth://totp/c?secret={SECRET}&period=60"),
        format!("otpauth://steam/d?secret={SECRET}"),
    ]
    .join("\n");
    let run = otp(&input, &["convert", "--to", "migration", "--json"]);
    assert_eq!(run.status, 1);
    let objects = run.objects();
    let refused: Vec<_> = objects.iter().filter_map(|object| object["error"].as_str()).collect();
    assert_eq!((refused.len(), objects.len()), (3, 4), "{objects:?}");
    let page = objects[3]["uri"].as_str().unwrap();
    assert_eq!(otp(page, &["inspect", "--json"]).object()["account"], "b");

    let run = otp(&input, &["convert", "--to", "passlib", "--json"]);
    assert_eq!(run.status, 1);
    let steam = run.objects().remove(3);
    assert_eq!((&steam["line"], &steam["error"]), (&json!(4), &json!("unsupported")));
}

#[test]
fn an_encrypted_key_wants_its_wallet() {
    let (_folder, path) = wallet("1: a secret of the application\n", 0o600);
    let sealed = otp(uris(), &["convert", "--to", "passlib", "--wallet", &path]).stdout;
    let run = otp(&sealed, &["convert", "--to", "uri", "--json"]);
    assert_eq!(run.status, 1);
    assert!(run.objects().iter().all(|object| object["part"] == "wallet"));

    let run = otp(&sealed, &["convert", "--to", "uri", "--json", "--wallet", "/nonexistent"]);
    assert_eq!(run.status, 3);
}

#[cfg(unix)]
#[test]
fn a_wallet_that_others_can_read_is_refused() {
    let (_folder, path) = wallet("1: a secret of the application\n", 0o644);
    let run = otp(uris(), &["convert", "--to", "passlib", "--json", "--wallet", &path]);
    run.failure(2, "invalid", "wallet");
    run.assert_silent_on(&["a secret of the application"]);
}
