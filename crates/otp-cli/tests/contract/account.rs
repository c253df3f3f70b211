//! The stateful side: `otp enroll` and `otp verify`.

use std::fs;
use std::thread;

use serde_json::json;

use crate::database::{Database, accepted, code, refused, wrong};
use crate::otp::{SECRET, otp};

#[test]
fn code_is_accepted_once() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    refused(&database.verify("alice", &code(&uri, 0)), "rejected", Some("replayed"), 1);
    let object = accepted(&database.verify("alice", &code(&uri, 3)));
    let expected = json!({
        "outcome": "accepted", "counter": 3, "drift": 2, "failures": 0, "failures_before": 1,
    });
    assert_eq!(object, expected);
    refused(&database.verify("alice", &code(&uri, 3)), "rejected", Some("replayed"), 1);
    accepted(&database.verify("alice", &code(&uri, 4)));
}

#[test]
fn codes_are_rejected_before_confirmation() {
    let database = Database::new();
    let old = database.enroll("alice");
    // Until then the account may be enrolled again.
    let uri = database.enroll("alice");
    assert_ne!(old, uri);
    refused(&database.verify("alice", &code(&uri, 0)), "rejected", Some("unknown"), 0);
    let confirm = |code: &str| database.otp("", &["enroll", "alice", "--confirm", code]);
    refused(&confirm(&wrong(&uri)), "rejected", Some("mismatch"), 1);
    accepted(&confirm(&code(&uri, 0)));

    confirm(&code(&uri, 1)).failure(1, "enrolled", "account");
    database.otp("", &["enroll", "alice"]).failure(1, "enrolled", "account");
    accepted(&database.verify("alice", &code(&uri, 1)));
}

/// A credential that cannot be shown is not stored, and a refused enrolment leaves no picture.
#[test]
fn enrolment_and_pictures_succeed_together() {
    let database = Database::new();
    let folder = tempfile::tempdir().unwrap();
    let (svg, png) = (folder.path().join("qr.svg"), folder.path().join("qr.png"));
    let pictures = ["--svg", svg.to_str().unwrap(), "--png", png.to_str().unwrap()];
    let enroll =
        || database.otp("", &[&["enroll", "alice", "--type", "hotp"], &pictures[..]].concat());
    let uri = database.enroll("alice");
    for (path, part) in [(&svg, "svg"), (&png, "png")] {
        fs::write(path, "mine").unwrap();
        enroll().failure(3, "exists", part);
        assert_eq!(fs::read(path).unwrap(), b"mine");
        fs::remove_file(path).unwrap();
        assert!(!svg.exists() && !png.exists());
    }
    accepted(&database.otp("", &["enroll", "alice", "--confirm", &code(&uri, 0)]));
    enroll().failure(1, "enrolled", "account");
    assert!(!svg.exists() && !png.exists());
    assert_eq!(database.keyless(&["remove", "alice"]).status, 0);
    assert_eq!(enroll().object()["outcome"], "pending");
    assert!(svg.exists() && png.exists());
}

#[test]
fn guessing_is_counted_and_throttled() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let guess = wrong(&uri);
    for failures in 1..=3 {
        let object =
            refused(&database.verify("alice", &guess), "rejected", Some("mismatch"), failures);
        // Absent, since the next attempt may be made at once. `null` would be a hard lock.
        let expected = json!({"outcome": "rejected", "reason": "mismatch", "failures": failures});
        assert_eq!(object, expected);
    }
    // A malformed code is not counted.
    let run = database.verify("alice", "12345");
    let message = run.failure(2, "malformed", "code");
    assert_eq!(
        run.object(),
        json!({
            "outcome": "rejected", "reason": "malformed", "failures": 3,
            "error": "malformed", "part": "code", "message": message,
        })
    );

    let object = refused(&database.verify("alice", &guess), "rejected", Some("mismatch"), 4);
    let until = object["locked_until"].as_u64().unwrap() + 900;
    // The lock ends in half a minute. The test makes it longer, so that it does not end meanwhile.
    database.change("UPDATE throttle SET locked_until = locked_until + 900");
    let object = refused(&database.verify("alice", &code(&uri, 1)), "locked", None, 4);
    assert_eq!(object["locked_until"], until);

    // Other accounts are not locked.
    let uri = database.confirmed("bob");
    accepted(&database.verify("bob", &code(&uri, 1)));
}

#[test]
fn one_of_many_parallel_attempts_is_accepted() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    for counter in 1..4 {
        let code = code(&uri, counter);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let runs: Vec<_> =
                (0..8).map(|_| scope.spawn(|| database.verify("alice", &code))).collect();
            runs.into_iter().map(|run| run.join().unwrap().object()["outcome"].clone()).collect()
        });
        let accepted = outcomes.iter().filter(|outcome| **outcome == "accepted").count();
        assert_eq!(accepted, 1, "{outcomes:?}");
        // The others were failures, and may have locked the account.
        database.keyless(&["unlock", "alice"]).object();
    }
}

#[test]
fn hard_lock_is_null() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    database.lock(16);
    let object = refused(&database.verify("alice", &code(&uri, 1)), "locked", None, 16);
    assert!(object.as_object().unwrap().contains_key("locked_until"));
    assert!(object["locked_until"].is_null());
}

#[test]
fn totp_codes_follow_the_clock() {
    let database = Database::new();
    let enroll = ["enroll", "alice", "--issuer", "ACME", "--digits", "8", "--period", "3600"];
    let run = database.otp("", &enroll);
    let uri = run.object()["uri"].as_str().unwrap().to_owned();
    let codes = || {
        let run = otp(&uri, &["code", "--count", "2"]);
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    accepted(&database.otp("", &["enroll", "alice", "--confirm", &codes()[0]]));
    // The code of the next step is in the window.
    accepted(&database.verify("alice", &codes()[1]));
}

#[test]
fn code_is_read_from_stdin() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    accepted(&database.otp(&code(&uri, 1), &["verify", "alice"]));
    database.otp("", &["verify", "alice"]).failure(2, "invalid", "code");
    database.otp("12\0", &["verify", "alice"]).failure(2, "invalid", "code");
}

#[test]
fn unknown_account_is_rejected() {
    let database = Database::new();
    database.verify("alice", "123456").failure(3, "io", "db");
    assert!(!database.path().exists());
    database.enroll("bob");
    refused(&database.verify("alice", "123456"), "rejected", Some("unknown"), 0);
    let confirm = database.otp("", &["enroll", "alice", "--confirm", "123456"]);
    refused(&confirm, "rejected", Some("unknown"), 0);
}

#[test]
fn invalid_account_names_are_rejected() {
    let database = Database::new();
    let last = u64::MAX.to_string();
    let run = database.otp("", &["enroll", "a", "--type", "hotp", "--counter", &last]);
    run.failure(2, "invalid", "counter");
    let long = "a".repeat(256);
    for account in ["", "a\nb", &long] {
        database.otp("", &["enroll", account]).failure(2, "invalid", "account");
        database.verify(account, "123456").failure(2, "invalid", "account");
    }
}

#[test]
fn confirm_with_options_of_a_new_key_is_rejected() {
    let database = Database::new();
    for options in [&["--issuer", "ACME"][..], &["--digits", "8"], &["--qr"]] {
        let run = database.otp("", &[&["enroll", "a", "--confirm", "123456"], options].concat());
        run.failure(2, "usage", "confirm");
    }
}

#[test]
fn database_has_mode_0600() {
    let database = Database::new();
    database.enroll("alice");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = || fs::metadata(database.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(database.path(), fs::Permissions::from_mode(0o644)).unwrap();
        database.verify("alice", "123456").failure(3, "database", "db");
        fs::set_permissions(database.path(), fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(database.path(), "something else").unwrap();
    database.verify("alice", "123456").failure(3, "database", "db");
}

/// The app has the credential already. It comes from a URI or a record.
#[test]
fn existing_credential_is_enrolled() {
    let uri = format!("otpauth://hotp/ACME:a@b?secret={SECRET}&issuer=ACME&counter=7&digits=8");
    let record = format!(r#"{{"counter":7,"digits":8,"key":"{SECRET}","type":"hotp","v":1}}"#);
    let database = Database::new();
    let path = database.path().with_file_name("given");
    for (line, account, shown) in [(uri, "alice", "a@b"), (record, "bob", "bob")] {
        fs::write(&path, &line).unwrap();
        let from = path.display().to_string();
        for (stdin, from) in [("", from.as_str()), (&line, "-")] {
            let run = database.otp(stdin, &["enroll", account, "--from", from, "--qr"]);
            let object = run.object();
            assert_eq!(
                (&object["outcome"], &object["account"]),
                (&"pending".into(), &shown.into())
            );
            assert_eq!(object["secret_base32"], SECRET);
            assert!(object["qr"].is_string());
        }
        let code = otp(SECRET, &["code", "--type", "hotp", "--counter", "7", "--digits", "8"]);
        let confirm = ["enroll", account, "--confirm", code.line()];
        assert_eq!(accepted(&database.otp("", &confirm))["counter"], 7);
        let again = database.otp(&line, &["enroll", account, "--from", "-"]);
        let message = again.failure(1, "enrolled", "account");
        assert!(message.contains("otp remove") && message.contains("--name"), "{message}");
    }
    let status = database.status("alice");
    assert_eq!((&status["tag"], &status["next"]), (&"first".into(), &8.into()));
}

/// The record has the last step that passlib accepted.
#[test]
fn spent_codes_of_a_record_stay_spent() {
    let database = Database::new();
    let last = u64::from(u32::MAX);
    let parameters = r#""period":3600,"type":"totp","v":1"#;
    let line = format!(r#"{{"key":"{SECRET}","last_counter":{last},{parameters}}}"#);
    assert!(
        database.otp(&line, &["enroll", "alice", "--from", "-"]).object()["outcome"].is_string()
    );
    assert_eq!(database.status("alice")["next"], last + 1);
    let code = otp(SECRET, &["code", "--period", "3600"]);
    let confirm = database.otp("", &["enroll", "alice", "--confirm", code.line()]);
    refused(&confirm, "rejected", Some("replayed"), 1);
}

#[test]
fn invalid_credential_is_not_enrolled() {
    let database = Database::new();
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    let page = otp(&uri, &["convert", "--to", "migration"]).stdout;
    let encrypted = r#"{"enckey":{"c":13,"k":"MHCTEGSNPFN5CGBJ","s":"6D7N7W53O7HHS37NLUFQ","t":"1","v":1},"type":"totp","v":1}"#;
    for (line, error, part) in [
        ("", "invalid", "credential"),
        (SECRET, "malformed", "uri"),
        (page.as_str(), "export", "uri"),
        (encrypted, "unsupported", "enckey"),
    ] {
        let run = database.otp(line, &["enroll", "alice", "--from", "-"]);
        run.failure(2, error, part);
        run.assert_silent_on(&[SECRET]);
    }
    for options in [&["--issuer", "ACME"][..], &["--type", "hotp"], &["--bytes", "20"]] {
        let run = database.otp(&uri, &[&["enroll", "alice", "--from", "-"], options].concat());
        run.failure(2, "usage", "from");
    }
    let confirm = ["enroll", "alice", "--from", "-", "--confirm", "123456"];
    database.otp(&uri, &confirm).failure(2, "usage", "confirm");
    database.otp("", &["enroll", "alice", "--from", "/nonexistent"]).failure(3, "io", "from");
    assert!(!database.path().exists());
}
