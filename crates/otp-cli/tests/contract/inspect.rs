//! `otp inspect`: what it says about a line, and what it never repeats.

use serde_json::json;

use crate::otp::{Run, SECRET, otp};

fn uri(label: &str) -> String {
    format!("otpauth://totp/{label}?secret={SECRET}")
}

fn inspect(input: impl AsRef<[u8]>) -> Run {
    otp(input, &["inspect", "--json"])
}

#[test]
fn bad_line_does_not_stop_the_others() {
    let long = "A".repeat(1 << 20);
    let nested = ("[".repeat(20_000), "]".repeat(20_000));
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
        format!(r#"{{"v":1,"type":"totp","key":"{SECRET}","label":{}1{}}}"#, nested.0, nested.1)
            .into(),
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
            refused(11, "invalid", "label"),
        ]
    );
    assert_eq!(objects[8]["counter"], 7);
    run.assert_silent_on(&["not a uri", "e3152afee62599c8", "AAAA", "xxxx", "[[", SECRET]);
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
