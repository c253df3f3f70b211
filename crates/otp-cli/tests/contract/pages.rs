//! The pages of an export: their QR codes, and missing pages.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::convert::{convert, fields};
use crate::otp::{SECRET, otp};

fn accounts(count: u32) -> String {
    let account = |number: u32| format!("otpauth://totp/account{number:02}?secret={SECRET}\n");
    (0..count).map(account).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_page_has_a_qr_code() {
    let run = convert(&accounts(11), "migration", &["--qr", "--json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let codes = fields(&run, "qr");
    assert_eq!(codes.len(), 2);
    assert!(codes.iter().all(|code| code.as_str().unwrap().contains('█')));
    let run = convert(&accounts(11), "migration", &["--qr"]);
    let (uris, code): (Vec<_>, Vec<_>) =
        run.stdout.lines().partition(|line| line.starts_with("otpauth-migration:"));
    assert_eq!(uris.len(), 2);
    assert!(code.len() > 30 && run.stdout.starts_with("otpauth-migration:"));
    assert_eq!(convert("", "migration", &["--qr"]).stdout, "");
}

#[test]
fn files_have_the_number_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (svg, png) = (path("a.svg"), path("export.png"));
    let options = ["--svg", svg.as_str(), "--png", png.as_str()];
    // A single page has no number.
    let run = convert(&accounts(1), "migration", &options);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 1));
    assert_eq!(names(folder.path()), ["a.svg", "export.png"]);
    assert!(fs::read(path("export.png")).unwrap().starts_with(b"\x89PNG"));

    assert_eq!(convert(&accounts(11), "migration", &options).status, 0);
    let all = ["a-1.svg", "a-2.svg", "a.svg", "export-1.png", "export-2.png", "export.png"];
    assert_eq!(names(folder.path()), all);
    assert_ne!(fs::read(path("a-1.svg")).unwrap(), fs::read(path("a-2.svg")).unwrap());
    #[cfg(unix)]
    for name in all {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // If a file exists already, it stays, and nothing is written or shown.
    for name in &all[..2] {
        fs::remove_file(path(name)).unwrap();
    }
    fs::remove_file(path("export-1.png")).unwrap();
    fs::write(path("export-2.png"), "mine").unwrap();
    let run = convert(&accounts(11), "migration", &[&options[..], &["--json"]].concat());
    run.failure(3, "exists", "png");
    assert_eq!(names(folder.path()), ["a.svg", "export-2.png", "export.png"]);
    assert_eq!(fs::read(path("export-2.png")).unwrap(), b"mine");
    // Without accounts there is no page.
    assert_eq!(convert("", "migration", &["--png", &path("none.png")]).status, 0);
    assert!(!Path::new(&path("none.png")).exists());
}

#[test]
fn options_of_pages_are_rejected_for_other_forms() {
    for to in ["uri", "passlib"] {
        for (option, file) in [("qr", None), ("svg", Some("a.svg")), ("png", Some("a.png"))] {
            let dashed = format!("--{option}");
            let options: Vec<_> = ["--json", &dashed].into_iter().chain(file).collect();
            let message = convert(&accounts(1), to, &options).failure(2, "usage", option);
            assert_eq!(message, format!("{option} cannot be used with --to {to}"));
        }
    }
}

/// An account that does not fit a QR code is still written as text.
#[test]
fn page_too_long_for_a_qr_code_is_text() {
    let long = "JBSWY3DP".repeat(700);
    let input = format!("{}otpauth://totp/long?secret={long}\n", accounts(1));
    let run = convert(&input, "migration", &["--qr", "--json"]);
    let objects = run.objects();
    assert_eq!((run.status, objects.len()), (2, 3));
    assert!(objects[0]["qr"].is_string() && objects[1]["qr"].is_null());
    assert!(objects[1]["uri"].is_string());
    assert_eq!((&objects[2]["error"], &objects[2]["part"]), (&json!("too_long"), &json!("qr")));
}

/// Two different pages with one index belong to two exports. One of them lacks its second page.
#[test]
fn pages_of_two_exports_with_one_id_are_separated() {
    // Batch id 0 and size 2: index 0, index 0, index 1, each with a key of its own.
    let pages = ["CgMKAQEYAiAA", "CgMKAQIYAiAA", "CgMKAQMYAiAB"]
        .map(|data| format!("otpauth-migration://offline?data={data}"))
        .join("\n");
    for command in [&["inspect", "--json"][..], &["convert", "--to", "passlib", "--json"]] {
        let run = otp(&pages, command);
        let objects = run.objects();
        assert_eq!((run.status, objects.len()), (1, 4), "{command:?}");
        let expected = json!({"batch_id": 0, "batch_size": 2, "missing": [1], "missing_count": 1});
        assert_eq!(objects[3], expected);
    }
}

/// A page may claim that two billion pages exist.
#[test]
fn at_most_a_hundred_missing_pages_are_named() {
    let page = "otpauth-migration://offline?data=CgMKAQEY_____wcgAQ";
    let run = otp(page, &["inspect", "--json"]);
    let missing = &run.objects()[1];
    assert_eq!(missing["missing"].as_array().unwrap().len(), 100);
    assert_eq!(missing["missing_count"], i32::MAX - 1);
    let run = otp(page, &["inspect"]);
    assert!(run.stderr.ends_with(", 100 and so on\n"), "{}", run.stderr);
}
