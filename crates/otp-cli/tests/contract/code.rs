use serde_json::json;

use crate::otp::{SECRET, otp};

#[test]
fn totp_code_shows_its_remaining_seconds() {
    let run = otp(SECRET, &["code", "--json", "--time", "61"]);
    assert_eq!(run.status, 0);
    let expected =
        json!({"code": "359152", "counter": 2, "start": 60, "expires": 90, "remaining": 29});
    assert_eq!(run.object(), expected);
    assert_eq!(otp(SECRET, &["code", "--time", "61"]).line(), "359152");
}

#[test]
fn hotp_code_has_no_time() {
    let run = otp(SECRET, &["code", "--json", "--type", "hotp", "--counter", "2"]);
    assert_eq!(run.object(), json!({"code": "359152", "counter": 2}));
    otp(SECRET, &["code", "--json", "--type", "hotp"]).failure(2, "usage", "counter");
}

#[test]
fn default_time_is_now() {
    let clock = || {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        since.as_secs() / 30
    };
    let before = clock();
    let counter = otp(SECRET, &["code", "--json"]).object()["counter"].as_u64().unwrap();
    assert!((before..=clock()).contains(&counter));
}

#[test]
fn secrets_and_uris_are_read_from_stdin_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let uri = format!("otpauth://totp/ACME:alice?secret={SECRET}&issuer=ACME");
    let steam = format!("otpauth://steam/Steam:alice?secret={SECRET}&issuer=Steam");
    for (line, options, code) in [
        (SECRET.to_owned(), &[][..], "287082"),
        (format!("{SECRET}\n"), &[], "287082"),
        (format!("\r\n{SECRET}\r\n \n"), &[], "287082"),
        ("gezd gnbv-gy3t qojq gezd gnbv gy3t qojq".to_owned(), &[], "287082"),
        ("3132333435363738393031323334353637383930".to_owned(), &["--hex"], "287082"),
        (uri.clone(), &[], "287082"),
        (format!("{uri}&digits=8"), &[], "94287082"),
        (format!("{uri}&digits=8"), &["--digits", "7"], "4287082"),
        (format!("{uri}&period=60"), &["--period", "30"], "287082"),
        (format!("{uri}&algorithm=SHA256"), &["--algorithm", "sha1"], "287082"),
        (uri, &["--t0", "30"], "755224"),
        (SECRET.to_owned(), &["--type", "steam"], "PV9M4"),
        (steam, &[], "PV9M4"),
    ] {
        let options = [&["code", "--time", "59"], options].concat();
        assert_eq!(otp(&line, &options).line(), code, "{options:?}");
        std::fs::write(&path, &line).unwrap();
        let options = [&options[..], &["--from", path.to_str().unwrap()]].concat();
        assert_eq!(otp("", &options).line(), code, "{options:?}");
    }
}

#[test]
fn counter_option_overrides_the_uri() {
    let uri = format!("otpauth://hotp/alice?secret={SECRET}&counter=1");
    assert_eq!(otp(&uri, &["code"]).line(), "287082");
    assert_eq!(otp(&uri, &["code", "--counter", "2"]).line(), "359152");
}

#[test]
fn options_of_another_type_are_rejected() {
    let totp = format!("otpauth://totp/alice?secret={SECRET}");
    let hotp = format!("otpauth://hotp/alice?secret={SECRET}&counter=1");
    for (line, options, part) in [
        (SECRET, &["--counter", "1"][..], "counter"),
        (SECRET, &["--type", "hotp", "--counter", "1", "--period", "30"], "period"),
        (SECRET, &["--type", "hotp", "--counter", "1", "--t0", "0"], "t0"),
        (SECRET, &["--type", "hotp", "--counter", "1", "--time", "0"], "time"),
        (SECRET, &["--type", "steam", "--digits", "6"], "digits"),
        (SECRET, &["--type", "steam", "--algorithm", "sha1"], "algorithm"),
        (SECRET, &["--type", "steam", "--t0", "0"], "t0"),
        (&totp, &["--type", "totp"], "type"),
        (&totp, &["--hex"], "hex"),
        (&totp, &["--counter", "1"], "counter"),
        (&hotp, &["--period", "30"], "period"),
        (SECRET, &["--digits", "6", "--digits", "6"], "digits"),
        (SECRET, &["--digits"], "digits"),
    ] {
        let run = otp(line, &[&["code", "--json"], options].concat());
        run.failure(2, "usage", part);
        run.assert_silent_on(&[SECRET]);
    }
}

#[test]
fn times_are_unix_seconds_or_rfc_3339() {
    for time in ["1111111111", "2005-03-18T01:58:31Z", "2005-03-18T02:58:31+01:00"] {
        assert_eq!(otp(SECRET, &["code", "--digits", "8", "--time", time]).line(), "14050471");
    }
    for option in ["--time", "--t0"] {
        let run = otp(SECRET, &["code", "--json", option, "1700000000000"]);
        let message = run.failure(2, "invalid", option.trim_start_matches('-'));
        assert!(message.contains("253402300799") && message.contains("milliseconds"), "{message}");
    }
    let latest = otp(SECRET, &["code", "--json", "--time", "253402300799"]);
    assert_eq!(latest.object()["counter"], 8_446_743_359_u64);
    let run = otp(SECRET, &["code", "--json", "--time", "9", "--t0", "10"]);
    run.failure(2, "invalid", "time");
    let run = otp(SECRET, &["code", "--json", "--time", "10", "--t0", "10"]);
    assert_eq!(run.object()["counter"], 0);
}

#[test]
fn consecutive_codes_end_without_wrapping() {
    let codes = ["755224", "287082", "359152"];
    let of_time = otp(SECRET, &["code", "--json", "--time", "29", "--count", "3"]);
    let of_counter =
        otp(SECRET, &["code", "--json", "--type", "hotp", "--counter", "0", "--count", "3"]);
    for run in [&of_time, &of_counter] {
        for (object, (counter, code)) in run.objects().iter().zip((0..).zip(codes)) {
            assert_eq!((&object["counter"], &object["code"]), (&json!(counter), &json!(code)));
        }
    }
    let remaining: Vec<_> =
        of_time.objects().iter().map(|object| object["remaining"].as_u64().unwrap()).collect();
    assert_eq!(remaining, [1, 31, 61]);

    let last = u64::MAX.to_string();
    let one_before = (u64::MAX - 1).to_string();
    for (options, counters) in [
        (&["--type", "hotp", "--counter", &one_before][..], &[u64::MAX - 1, u64::MAX][..]),
        (&["--type", "hotp", "--counter", &last], &[u64::MAX]),
        (&["--time", "0", "--period", &last], &[0, 1]),
    ] {
        let run = otp(SECRET, &[&["code", "--json", "--count", "5"], options].concat());
        assert_eq!(run.status, 0);
        let seen: Vec<_> =
            run.objects().iter().map(|object| object["counter"].as_u64().unwrap()).collect();
        assert_eq!(seen, counters, "{options:?}");
    }
}

#[test]
fn hex_with_colons_is_not_a_uri() {
    let run = otp("48:65:6c", &["code", "--hex", "--json"]);
    let message = run.failure(2, "invalid", "secret");
    assert_eq!(message, "secret has a character outside its encoding after 2 characters");
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    otp(uri, &["code", "--hex", "--json"]).failure(2, "usage", "hex");
}
