//! Notes for people: what a conversion loses, and what is weak about a key.

use crate::convert::convert;
use crate::database::Database;
use crate::otp::{Run, SECRET, otp};

/// A key that the documentation of passlib prints.
const OF_PASSLIB: &str = "S3JDVB7QD2R7JPXX";

fn enroll(database: &Database, line: &str) -> Run {
    let (db, wallet) = (database.url(), database.wallet_path().display().to_string());
    otp(line, &["enroll", "alice", "--from", "-", "--db", &db, "--wallet", &wallet])
}

#[test]
fn lost_parameters_are_named_and_not_repeated() {
    let database = Database::new();
    let totp = format!("otpauth://totp/ACME:bob?secret={SECRET}");
    for (line, expected) in [
        (totp.clone(), None),
        (format!("{totp}&issuer=Other"), Some("issuer in the label")),
        (format!("{totp}&image=zzz&color=zzz&lock=zzz"), Some("image, color, lock")),
        (format!("{totp}&zzz=zzz#zzz"), Some("fragment, unknown parameters")),
        (format!("{totp}&digits:8"), Some("text that is not a parameter")),
        (format!("{totp}&counter=9&encoder=zzz"), Some("encoder, counter")),
        // A Steam Guard code always has five characters, so nothing is lost.
        (format!("{totp}&encoder=steam&digits=5&period=30&counter=9"), Some("counter")),
        (format!(r#"{{"key":"{SECRET}","label":"bob","type":"totp","v":1}}"#), None),
    ] {
        let input = format!("\n{line}");
        let note = expected.map(|parts| format!("left out: {parts}\n"));
        let of_line = note.as_ref().map(|note| format!("otp: line 2: {note}")).unwrap_or_default();
        for to in ["uri", "passlib", "migration"] {
            if to != "uri" && line.contains("steam") {
                continue;
            }
            let run = convert(&input, to, &[]);
            assert_eq!((run.status, &run.stderr), (0, &of_line), "{line} {to}");
            run.assert_silent_on(&["zzz"]);
            assert_eq!(convert(&input, to, &["--json"]).stderr, "");
        }
        let run = enroll(&database, &line);
        let note = note.map(|note| format!("otp: {note}")).unwrap_or_default();
        let (first, rest) = run.stderr.split_at(note.len());
        assert_eq!((run.status, first), (0, note.as_str()), "{line}");
        assert!(rest.starts_with("Codes are accepted after"), "{rest}");
        run.assert_silent_on(&["zzz"]);
    }
}

#[test]
fn repairs_are_reported_by_every_command() {
    let uri = format!("otpauth://totp/bob?secret={SECRET}&amp;digits=8");
    let told = "parameters have ampersands escaped as in HTML or JSON, read as ampersands\n";
    let database = Database::new();
    for (arguments, place) in [
        (&["code"][..], ""),
        (&["match", "12345678"], ""),
        (&["qr"], ""),
        (&["convert", "--to", "uri"], "line 1: "),
        (&["convert", "--to", "passlib"], "line 1: "),
    ] {
        let run = otp(&uri, arguments);
        assert!(run.stderr.contains(&format!("otp: {place}{told}")), "{}", run.stderr);
        let object = otp(&uri, &[arguments, &["--json"]].concat()).object();
        assert_eq!(object["findings"], serde_json::json!(["escaped_ampersand"]), "{arguments:?}");
    }
    assert!(enroll(&database, &uri).stderr.starts_with(&format!("otp: {told}")));
    let object = database.otp(&uri, &["enroll", "bob", "--from", "-"]).object();
    assert_eq!(object["findings"], serde_json::json!(["escaped_ampersand"]));
    assert_eq!(object["digits"], 8);
}

#[test]
fn several_credentials_are_not_enrolled() {
    let database = Database::new();
    let uri = format!("otpauth://totp/bob?secret={SECRET}");
    let record = format!(r#"{{"key":"{SECRET}","label":"bob","type":"totp","v":1}}"#);
    for (text, count) in [
        (format!("{uri}\n{uri}"), 2),
        (format!("{uri} {uri}\n{record}"), 3),
        (format!("{record}\n\n{uri}x"), 2),
    ] {
        let run = database.otp(&text, &["enroll", "alice", "--from", "-"]);
        let message = run.failure(2, "several", "input");
        assert_eq!(message, format!("input has {count} credentials; enrol one at a time"));
        run.assert_silent_on(&[SECRET]);
    }
    assert_eq!(database.keyless(&["status", "alice"]).status, 3);
    let run = enroll(&database, &format!("password\n{uri}\n"));
    assert_eq!(run.status, 0);
    assert!(run.stderr.starts_with("otp: passed over 1 other line"), "{}", run.stderr);
}

/// A code that passlib has accepted would be accepted once more.
#[test]
fn loss_of_spent_codes_is_reported() {
    let line = |kind: &str| format!(r#"{{"key":"{SECRET}","label":"bob",{kind},"v":1}}"#);
    let spent = line(r#""last_counter":7,"type":"totp""#);
    for to in ["uri", "migration"] {
        let run = convert(&spent, to, &[]);
        assert_eq!(run.stderr, "otp: line 1: left out: which codes are spent\n");
        assert_eq!(convert(&line(r#""counter":7,"type":"hotp""#), to, &[]).stderr, "");
    }
    assert_eq!(convert(&spent, "passlib", &[]).stderr, "");
    let run = enroll(&Database::new(), &spent);
    assert!(run.stderr.starts_with("Codes are accepted after"), "{}", run.stderr);
}

/// A refused line is not converted, so it loses nothing.
#[test]
fn refused_line_is_reported_once() {
    let run = convert(&format!("otpauth://totp/?secret={SECRET}&image=x"), "uri", &[]);
    assert_eq!((run.status, run.stderr.lines().count()), (1, 1), "{}", run.stderr);
}

#[test]
fn losses_of_a_page_are_reported() {
    let page = convert(&format!("otpauth://totp/a?secret={SECRET}"), "migration", &[]);
    let run = convert(&format!("{}&x=y", page.line()), "uri", &[]);
    assert_eq!(
        (run.status, run.stderr.as_str()),
        (0, "otp: line 1: left out: unknown parameters\n")
    );
}

/// An account on a page has no line of its own in the output for its findings.
#[test]
fn findings_of_an_export_are_objects_of_their_own() {
    let odd = format!("otpauth://totp/a?secret={SECRET}&x=y");
    let run =
        convert(&format!("{odd}\notpauth://totp/b?secret={SECRET}"), "migration", &["--json"]);
    let objects = run.objects();
    let told = serde_json::json!({"line": 1, "findings": ["unknown_parameter"]});
    assert_eq!((run.status, objects.len(), &objects[0]), (0, 2, &told));
    let page = objects[1]["uri"].as_str().unwrap();
    let run = convert(&format!("{page}&x=y"), "uri", &["--json"]);
    assert!(run.objects().contains(&told), "{}", run.stdout);
}

#[test]
fn weak_key_is_enrolled_and_reported() {
    let database = Database::new();
    let shared = "comes from a generator of passlib, with few random bits";
    for (key, expected) in [
        (SECRET, None),
        ("GEZDGNBVGY3TQOJQ", Some("is short, of fewer than 16 bytes".to_owned())),
        (OF_PASSLIB, Some(format!("is short, of fewer than 16 bytes and {shared}"))),
        // Every byte shares five bits with the next.
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Some(shared.to_owned())),
    ] {
        let expected = expected
            .map(|it| format!("otp: this key {it}; enrol the account again, with a new key\n"));
        let uri = format!("otpauth://totp/a?secret={key}");
        let run = enroll(&database, &uri);
        let notes = run.stderr.split_inclusive('\n').filter(|line| line.starts_with("otp: "));
        assert_eq!((run.status, notes.collect::<String>()), (0, expected.unwrap_or_default()));
        run.assert_silent_on(&[&format!("key {key}")]);
        assert_eq!(database.otp(&uri, &["enroll", "alice", "--from", "-"]).stderr, "");
        // Other commands do not report it.
        assert_eq!(convert(&uri, "uri", &[]).stderr, "");
    }
}
