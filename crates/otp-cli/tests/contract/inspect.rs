//! `otp inspect`: what it says about a line, and what it never repeats.

use serde_json::{Value, json};

use crate::otp::{Run, SECRET, otp};

/// The first of three pages, with two accounts. One has an algorithm that no reader supports.
const FIRST_PAGE: &str = "otpauth-migration://offline?data=CioKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgVhY2N0MBoFQmF0Y2ggASgBMAIKKgoUMTIzNDU2Nzg5MDEyMzQ1Njc4OTASBWFjY3QxGgVCYXRjaCABKAEwAhABGAMgACjr5ZDF%2F%2F%2F%2F%2F%2F8B";
/// A good account, and one of HMAC-MD5.
const GOOD_AND_BAD: &str = "otpauth-migration://offline?data=CiIKCkhlbGxvId6tvu8SBWFsaWNlGgdFeGFtcGxlIAEoATACCi8KFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgdtYWxsb3J5GghNZDUgQ29ycCAEKAEwAhABGAEgACgH";

fn uri(label: &str) -> String {
    format!("otpauth://totp/{label}?secret={SECRET}")
}

fn inspect(input: impl AsRef<[u8]>) -> Run {
    otp(input, &["inspect", "--json"])
}

#[test]
fn object_describes_the_line() {
    let expected = json!({
        "line": 2, "form": "otpauth", "type": "hotp", "issuer": "ACME", "account": "bob",
        "label_issuer": "Old", "algorithm": "SHA256", "digits": 8, "counter": u64::MAX,
        "findings": ["prefix_differs"],
    });
    let parameters = format!("issuer=ACME&algorithm=SHA256&digits=8&counter={}", u64::MAX);
    let uri = format!("\notpauth://hotp/Old:bob?secret={SECRET}&{parameters}\n");
    assert_eq!(inspect(&uri).object(), expected);
    let run = otp(&uri, &["inspect", "--json", "--reveal"]);
    assert_eq!(run.object()["secret_hex"], "3132333435363738393031323334353637383930");

    let steam = inspect(format!("steam://{SECRET}")).object();
    assert_eq!([&steam["form"], &steam["type"]], ["steam", "steam"]);
    assert_eq!([&steam["issuer"], &steam["account"]], [&Value::Null; 2]);
    assert_eq!([&steam["digits"], &steam["period"]], [5, 30]);
}

#[test]
fn weak_keys_are_findings() {
    let findings = |secret: &str| {
        inspect(format!("otpauth://totp/a?secret={secret}")).object()["findings"].clone()
    };
    assert_eq!(findings(SECRET), json!([]));
    assert_eq!(findings("JBSWY3DPEHPK3PXP"), json!(["short_key"]));
    // A key that passlib's documentation prints.
    assert_eq!(findings("S3JDVB7QD2R7JPXX"), json!(["short_key", "shared_bits"]));
}

#[test]
fn answer_without_json_has_a_line_and_its_findings() {
    let run = otp(format!("{}&digits=09", uri("ACME:bob")), &["inspect", "--reveal"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout,
        "line 1: otpauth totp, issuer \"ACME\", account \"bob\", SHA1, 9 digits, 30 s\n  \
         digits have leading zeros\n  \
         digits are more than the 31 bits of a code fill evenly\n  \
         secret 3132333435363738393031323334353637383930\n"
    );
    let run = otp(format!("{}\nmotp://x\n{GOOD_AND_BAD}", uri("a")), &["inspect"]);
    assert_eq!((run.status, run.stdout.lines().count()), (1, 3), "{run:?}");
    assert_eq!(
        run.stderr,
        "otp: line 2: scheme is recognised, but not supported\n\
         otp: line 3, account 2: algorithm is recognised, but not supported\n"
    );
}

#[test]
fn bad_account_does_not_hide_the_others() {
    let run = inspect(GOOD_AND_BAD);
    let objects = run.objects();
    assert_eq!((run.status, objects.len()), (1, 2));
    assert_eq!((&objects[0]["entry"], &objects[0]["account"]), (&json!(1), &json!("alice")));
    assert_eq!(
        objects[1],
        json!({
            "line": 1, "entry": 2, "version": 1, "batch_id": 7, "batch_index": 0, "batch_size": 1,
            "error": "unsupported", "part": "algorithm",
            "message": "algorithm is recognised, but not supported",
        })
    );
}

#[test]
fn missing_pages_are_reported_at_the_end() {
    let run = inspect(format!("{FIRST_PAGE}\n{FIRST_PAGE}\n{}", uri("a")));
    assert_eq!(run.status, 1);
    let objects = run.objects();
    assert_eq!(objects.len(), 6);
    assert_eq!(
        objects[5],
        json!({"batch_id": -123456789, "batch_size": 3, "missing": [1, 2], "missing_count": 2})
    );
    let run = otp(FIRST_PAGE, &["inspect"]);
    let expected = "otp: export -123456789: 2 of 3 pages missing, with index 1, 2\n";
    assert_eq!(run.stderr, expected);

    // A page without accounts, the second of two billion.
    let run = inspect("otpauth-migration://offline?data=EAEY%2F%2F%2F%2F%2FwcgAQ%3D%3D");
    let objects = run.objects();
    assert_eq!((run.status, objects.len()), (1, 2), "{run:?}");
    assert_eq!(objects[0]["batch_size"], i32::MAX);
    assert_eq!(objects[1]["missing"].as_array().unwrap().len(), 100);
    assert_eq!(objects[1]["missing_count"], i32::MAX - 1);
}

#[test]
fn bad_line_does_not_stop_the_others() {
    let long = "A".repeat(1 << 20);
    let bomb = "{\"a\":".repeat(12_000);
    let input = [
        uri("ACME:bob").into_bytes(),
        format!("not a uri {SECRET}").into(),
        Vec::new(),
        format!("{}{long}", uri("a")).into(),
        b"otpauth://totp/\0?secret=AA".to_vec(),
        b"otpauth://totp/\xff?secret=AA".to_vec(),
        b"motp://a?secret=e3152afee62599c8".to_vec(),
        bomb.into_bytes(),
        [b"otpauth://totp/a?x=", "x".repeat(9000).as_bytes()].concat(),
        format!("otpauth://hotp/a?secret={SECRET}&counter=7\r").into(),
    ];
    let run = inspect(input.join(&b'\n'));
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let objects = run.objects();
    let found: Vec<_> = objects
        .iter()
        .map(|it| (it["line"].as_u64().unwrap(), it["error"].as_str(), it["part"].as_str()))
        .collect();
    let refused = |line, error, part| (line, Some(error), Some(part));
    assert_eq!(
        found,
        [
            (1, None, None),
            refused(2, "malformed", "uri"),
            refused(4, "too_long", "line"),
            refused(5, "invalid", "line"),
            refused(6, "invalid", "line"),
            refused(7, "unsupported", "scheme"),
            refused(8, "malformed", "record"),
            refused(9, "too_long", "uri"),
            (10, None, None),
        ]
    );
    assert_eq!(objects[8]["counter"], 7);
    run.assert_silent_on(&["not a uri", "e3152afee62599c8", "AAAA", "xxxx", SECRET]);
}

#[test]
fn too_long_input_is_rejected() {
    let line = format!("{}\n", uri(&"a".repeat(8000)));
    let run = inspect(line.repeat((1 << 24) / line.len() + 1));
    assert_eq!((run.status, run.stderr.as_str()), (2, ""));
    let objects = run.objects();
    assert_eq!(objects.len(), (1 << 24) / line.len() + 1);
    let last = objects.last().unwrap();
    assert_eq!((&last["error"], &last["part"]), (&json!("too_long"), &json!("input")));
    assert!(last["line"].is_null());
}

#[test]
fn empty_input_is_not_a_failure() {
    for input in ["", "\n", " \t\r\n\n"] {
        let run = inspect(input);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    }
    otp("", &["inspect", "--json", "--from", "/nonexistent"]).failure(3, "io", "from");
    otp("", &["inspect", "--json", "--from", "/"]).failure(3, "io", "from");
}

#[test]
fn file_is_read_like_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::fs::write(&path, uri("a")).unwrap();
    let run = otp("motp://x", &["inspect", "--json", "--from", path.to_str().unwrap()]);
    assert_eq!((run.status, run), (0, inspect(uri("a"))));
}

#[test]
fn control_characters_in_names_are_escaped() {
    // ESC, BEL, NUL, CSI, a line break, and characters that change the direction of text.
    let driving: Vec<char> = "\u{1b}\u{7}\0\u{9b}\n\u{2028}\u{61c}\u{200e}\u{200f}\
        \u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
        .chars()
        .collect();
    for character in driving {
        let escaped: String =
            character.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect();
        let uri = uri(&format!("a{escaped}b:c{escaped}d"));
        let run = otp(&uri, &["inspect"]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{escaped}");
        let lines = run.stdout.trim_end();
        let first = lines.split('\n').next().unwrap();
        assert!(!first.contains(character) && first.ends_with("30 s"), "{first:?}");
        assert!(lines.split('\n').skip(1).all(|line| line.starts_with("  ")), "{lines:?}");
        let object = inspect(&uri).object();
        assert_eq!(object["account"], format!("c{character}d"));
    }
    let run = otp(uri("%22,%20SHA512:%D7%90"), &["inspect"]);
    assert!(run.stdout.contains(r#"issuer "\", SHA512", account "א", SHA1"#), "{}", run.stdout);
}

#[test]
fn scheme_of_apple_is_read_as_otpauth() {
    let plain = format!("otpauth://totp/a?secret={SECRET}");
    let uri = format!("apple-{plain}");
    let object = otp(&uri, &["inspect", "--json"]).object();
    let found = (&object["form"], &object["type"], &object["findings"]);
    assert_eq!(found, (&json!("otpauth"), &json!("totp"), &json!(["spelling"])));
    let run = otp(&uri, &["inspect", "--json", "--strict"]);
    let object = run.object();
    assert_eq!((run.status, &object["part"]), (1, &json!("scheme")));
    assert_eq!(object["error"], "spelling");
    assert_eq!(otp(&uri, &["convert", "--to", "uri"]).line(), plain);
    let code = ["code", "--time", "59"];
    assert_eq!(otp(&uri, &code).line(), otp(&plain, &code).line());
}

/// Each form is refused once. The message names the form and what to do.
#[test]
fn other_forms_are_refused_by_name() {
    let utf_16: Vec<u8> = format!("otpauth://totp/a?secret={SECRET}\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (input, status, part, says) in [
        (SECRET.as_bytes(), 1, "uri", "otp code makes its code"),
        (b"8844567abcdef022334455667abcdef0", 1, "uri", "otp code --hex"),
        (b"{\n  \"version\": 1,\n  \"entries\": []\n}\n", 2, "input", "jq -c"),
        (b"[{\"name\":\"a\"},\n{\"name\":\"b\"}]\n", 2, "input", "otpauth URIs"),
        (&utf_16, 2, "input", "iconv -f UTF-16"),
    ] {
        for command in [&["inspect"][..], &["convert", "--to", "uri"]] {
            let run = otp(input, &[command, &["--json"]].concat());
            assert_eq!(run.status, status, "{run:?}");
            let object = run.object();
            assert_eq!(object["part"], part);
            assert!(object["message"].as_str().unwrap().contains(says), "{object}");
            run.assert_silent_on(&[SECRET, "8844567abcdef022334455667abcdef0"]);
        }
    }
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    let pictures = format!("QR-Code:{uri}\n\u{feff}{uri}\n");
    let run = otp(pictures, &["inspect", "--json"]);
    let findings: Vec<_> = run.objects().iter().map(|it| it["findings"].clone()).collect();
    assert_eq!((run.status, findings), (0, vec![json!([]), json!([])]));
}
