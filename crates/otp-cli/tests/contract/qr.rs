use std::fs;
use std::path::Path;

use serde_json::json;

use crate::otp::{SECRET, otp};

fn uri() -> String {
    format!("otpauth://totp/ACME:alice?secret={SECRET}&issuer=ACME")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn qr_code_is_shown_in_characters() {
    let run = otp(uri(), &["qr"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().count() > 15 && run.stdout.contains('█'));
    run.assert_silent_on(&[SECRET, "otpauth"]);
    let object = otp(uri(), &["qr", "--json"]).object();
    assert_eq!(object["qr"].as_str().unwrap().trim_end(), run.stdout.trim_end());
}

#[test]
fn inverted_qr_code_exchanges_light_and_dark() {
    let (plain, inverted) = (otp(uri(), &["qr"]).stdout, otp(uri(), &["qr", "--invert"]).stdout);
    for (one, other) in plain.chars().zip(inverted.chars()) {
        let expected = match one {
            '█' => ' ',
            ' ' => '█',
            '▀' => '▄',
            '▄' => '▀',
            other => other,
        };
        assert_eq!(other, expected);
    }
    assert_eq!(plain.chars().count(), inverted.chars().count());
    assert_eq!(otp(uri(), &["qr", "--invert", "--json"]).object()["qr"], inverted);
    otp(uri(), &["convert", "--to", "uri", "--invert", "--json"]).failure(2, "usage", "invert");
}

#[test]
fn files_are_new_and_have_mode_0600() {
    for command in [&["qr"][..], &["new", "--account", "a"]] {
        let folder = tempfile::tempdir().unwrap();
        let (svg, png) = (folder.path().join("a.svg"), folder.path().join("a.png"));
        let options = [command, &["--svg", text(&svg), "--png", text(&png)]].concat();
        let run = otp(uri(), &options);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(fs::read_to_string(&svg).unwrap().contains("<svg"));
        assert!(fs::read(&png).unwrap().starts_with(b"\x89PNG"));
        #[cfg(unix)]
        for path in [&svg, &png] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }

        // A file that exists is not changed.
        fs::write(&svg, "mine").unwrap();
        otp(uri(), &[command, &["--json", "--svg", text(&svg)]].concat())
            .failure(3, "exists", "svg");
        assert_eq!(fs::read_to_string(&svg).unwrap(), "mine");

        // All files are written, or none.
        fs::remove_file(&svg).unwrap();
        let run = otp(uri(), &[&options[..], &["--json"]].concat());
        run.failure(3, "exists", "png");
        run.assert_silent_on(&["otpauth"]);
        assert!(!svg.exists());

        let missing = folder.path().join("missing").join("a.svg");
        let run = otp(uri(), &[command, &["--json", "--svg", text(&missing)]].concat());
        run.failure(3, "io", "svg");
    }
}

#[test]
fn json_names_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("a.svg");
    let run = otp(uri(), &["qr", "--json", "--svg", text(&svg)]);
    assert_eq!(run.object(), json!({"written": ["svg"]}));
}

#[test]
fn input_that_is_not_a_uri_is_rejected() {
    assert_eq!(otp(SECRET, &["qr", "--json"]).status, 2);
    let run = otp("", &["qr", "--json", "--from", "/nonexistent"]);
    let message = run.failure(3, "io", "from");
    assert_eq!(message, r#"from: "/nonexistent": no such file or directory; check the path"#);
}
