//! `otp convert`: each form to each other form, and long input.

use serde_json::json;

use crate::otp::{Run, SECRET, otp};

fn convert(input: &str, to: &str, options: &[&str]) -> Run {
    otp(input, &[&["convert", "--to", to], options].concat())
}

fn uris() -> String {
    [
        format!("otpauth://totp/ACME%20Co:alice@example.com?secret={SECRET}&issuer=ACME%20Co"),
        format!("otpauth://hotp/bob?secret={SECRET}&algorithm=SHA256&digits=8&counter=77"),
        format!("otpauth://totp/%C3%A9%F0%9F%A6%80?secret={SECRET}&algorithm=SHA512"),
    ]
    .join("\n")
}

/// The input after the accounts is too long.
#[test]
fn accounts_that_were_read_are_written() {
    let input = uris() + &"\n".repeat(16 * 1024 * 1024);
    for to in ["uri", "migration", "passlib"] {
        let run = convert(&input, to, &["--json"]);
        assert_eq!(run.status, 2, "{to}");
        let objects = run.objects();
        let (failure, written) = objects.split_last().unwrap();
        assert_eq!((&failure["error"], &failure["part"]), (&"too_long".into(), &"input".into()));
        let field = if to == "passlib" { "record" } else { "uri" };
        let written: Vec<_> = written.iter().map(|it| it[field].as_str().unwrap()).collect();
        assert_eq!(convert(&written.join("\n"), "uri", &[]).stdout.trim_end(), uris(), "{to}");
    }
}

/// An account that does not fit a QR code is still written as text.
#[test]
fn page_too_long_for_a_qr_code_is_text() {
    let long = "JBSWY3DP".repeat(700);
    let input = format!("otpauth://totp/a?secret={SECRET}\notpauth://totp/long?secret={long}\n");
    let run = convert(&input, "migration", &["--qr", "--json"]);
    let objects = run.objects();
    assert_eq!((run.status, objects.len()), (2, 3));
    assert!(objects[0]["qr"].is_string() && objects[1]["qr"].is_null());
    assert!(objects[1]["uri"].is_string());
    assert_eq!((&objects[2]["error"], &objects[2]["part"]), (&json!("too_long"), &json!("qr")));
}
