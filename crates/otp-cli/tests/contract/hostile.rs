//! Malformed input: the exit status is 2, and the message names the part and repeats nothing of the
//! input.

use crate::otp::{Run, SECRET, otp};

/// Runs the command without and with `--json`, and checks that both refuse in the same way.
fn refused(stdin: &[u8], arguments: &[&str]) -> Run {
    let run = otp(stdin, arguments);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
    assert!(run.stderr.starts_with("otp: "), "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {}", run.stderr);
    assert!(!run.stderr.contains("panicked"));

    let json = otp(stdin, &[&["--json"], arguments].concat());
    let object = json.object();
    assert_eq!(json.status, 2, "{arguments:?}");
    assert_eq!(run.stderr, format!("otp: {}\n", object["message"].as_str().unwrap()));
    for field in ["error", "part", "message"] {
        assert!(!object[field].as_str().unwrap().is_empty(), "{object}");
    }
    for run in [&run, &json] {
        run.assert_silent_on(&[SECRET, &SECRET.to_lowercase()]);
    }
    json
}

fn part(run: &Run) -> String {
    run.object()["part"].as_str().unwrap().to_owned()
}

/// The commands that read stdin, with their other arguments.
const READERS: [&[&str]; 5] = [
    &["code"],
    &["code", "--hex"],
    &["code", "--type", "hotp", "--counter", "0"],
    &["match", "123456"],
    &["qr"],
];

#[test]
fn malformed_secrets_are_rejected() {
    let long = SECRET.repeat(1 << 15);
    let lines: [(&str, Vec<u8>); 15] = [
        ("nothing", b"".to_vec()),
        ("white space", b" \t ".to_vec()),
        ("NUL bytes", format!("{SECRET}\0").into()),
        ("NUL bytes alone", vec![0; 100]),
        ("a line of 1 MB", long.clone().into()),
        ("a URI of 1 MB", format!("otpauth://totp/a?secret={long}").into()),
        ("1 MB of colons", vec![b':'; 1 << 20]),
        ("not Base32, not hex", format!("{SECRET}!1").into()),
        ("full-width letters", "ＧＥＺＤＧＮＢＶ".into()),
        ("Arabic-Indic digits", "٢٣٤٥٦٧".into()),
        ("not UTF-8", [SECRET.as_bytes(), b"\xff"].concat()),
        ("a lone surrogate", [SECRET.as_bytes(), b"\xed\xa0\x80"].concat()),
        ("an escaped lone surrogate", format!("{SECRET}\\ud800").into()),
        ("escape sequences", format!("\x1b[31m{SECRET}\x07").into()),
        ("padding alone", b"====".to_vec()),
    ];
    for (what, line) in &lines {
        for arguments in READERS {
            let run = refused(line, arguments);
            let part = part(&run);
            assert!(["secret", "uri", "scheme"].contains(&&*part), "{what}: {part}");
            let shown = String::from_utf8_lossy(line.get(..8.min(line.len())).unwrap());
            if shown.trim().len() > 4 {
                run.assert_silent_on(&[&shown]);
            }
        }
    }
}

#[test]
fn malformed_uris_are_rejected() {
    for (parameters, part) in [
        ("", "secret"),
        ("&secret=", "secret"),
        ("&secret=GEZDGNBV1890", "secret"),
        ("&secret=%ED%A0%80GEZDGNBV", "secret"),
        ("&secret=%zzGEZDGNBV", "secret"),
        ("&secret=GEZDGNBV&digits=5", "digits"),
        ("&secret=GEZDGNBV&digits=0", "digits"),
        ("&secret=GEZDGNBV&digits=11", "digits"),
        ("&secret=GEZDGNBV&digits=６", "digits"),
        ("&secret=GEZDGNBV&digits=-6", "digits"),
        ("&secret=GEZDGNBV&period=0", "period"),
        ("&secret=GEZDGNBV&period=30.5", "period"),
        ("&secret=GEZDGNBV&period=18446744073709551616", "period"),
        ("&secret=GEZDGNBV&algorithm=MD5", "algorithm"),
        ("&secret=GEZDGNBV&secret=GEZDGNBV", "secret"),
    ] {
        let uri = format!("otpauth://totp/alice@hidden?{parameters}");
        for arguments in [&["code"][..], &["match", "123456"], &["qr"]] {
            let run = refused(uri.as_bytes(), arguments);
            assert_eq!(self::part(&run), part, "{parameters}");
            run.assert_silent_on(&["GEZDGNBV", "hidden", "MD5", "30.5"]);
        }
    }
    for uri in ["otpauth://", "otpauth://yaotp/a?secret=GEZDGNBV", "https://a?secret=GEZDGNBV", ":"]
    {
        refused(uri.as_bytes(), &["code"]).assert_silent_on(&["GEZDGNBV", "yaotp", "https"]);
    }
}

/// The law `arguments` of fuzzing tries the numbers themselves.
#[test]
fn malformed_numbers_are_rejected_by_their_names() {
    let options = [
        ("code", "digits period t0 counter count time"),
        ("match 123456", "digits period time behind ahead last"),
        ("new --account a", "digits period counter bytes"),
        ("enroll a --db sqlite:/nonexistent/otp.db", "digits period"),
    ];
    for (command, option) in
        options.iter().flat_map(|(it, names)| names.split(' ').map(move |name| (it, name)))
    {
        let value = format!("--{option}=-1");
        let line: Vec<_> = command.split(' ').chain([&*value]).collect();
        assert_eq!(part(&refused(SECRET.as_bytes(), &line)), option);
    }
    for time in "now tomorrow 1e3 +1 １２ 2009-02-30T00:00:00Z 1969-12-31T23:59:59Z \
        2009-02-13T23:31:30.5Z 2009-02-13T23:31:30 18446744073709551616"
        .split(' ')
        .chain(["", " "])
    {
        let line = ["otp", "code", &format!("--time={time}")].map(Into::into);
        let message = otp_cli::refusal(&line).unwrap_or_else(|| panic!("{time} is taken"));
        assert!(message.starts_with("time ") && message.lines().count() == 1, "{message}");
        assert!(time.len() < 4 || !message.contains(time), "{message}");
    }
}

#[test]
fn secrets_as_arguments_are_not_repeated() {
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    for secret in [SECRET, &uri] {
        let (assigned, flag) = (format!("--secret={secret}"), format!("--{secret}"));
        let (digits, json) = (format!("--digits={secret}"), format!("--json={secret}"));
        refused(b"", &[secret]);
        refused(b"", &[&flag]);
        for command in [
            "demo", "new", "code", "match", "inspect", "convert", "qr", "enroll", "verify", "list",
            "status", "unlock", "resync", "remove", "wallet", "selftest",
        ] {
            for arguments in [
                &[command, "a", "1", "2", secret][..],
                &[command, "--secret", secret],
                &[command, &assigned],
                &[command, &flag],
                &[command, &digits],
                &[command, &json],
                &[command, "--time", secret],
                &[command, "--type", secret],
                &[command, "--algorithm", secret],
                &[command, "--db", secret],
                &[command, "--to", secret],
                &[command, "-s", secret],
                &[command, "-", secret, "--", secret, secret],
            ] {
                let line: Vec<_> =
                    ["otp"].iter().chain(arguments).map(|word| (*word).into()).collect();
                // The parser refuses most lines before they run.
                match otp_cli::refusal(&line) {
                    Some(message) => assert!(!message.contains(SECRET), "{arguments:?}"),
                    None => drop(refused(b"", arguments)),
                }
            }
        }
        refused(SECRET.as_bytes(), &["match", secret]);
    }
}

/// An error names the path of the file, and not a secret in its place.
#[test]
fn file_errors_name_the_path_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().display().to_string();
    let missing = format!("{folder}/key.txt");
    for path in [&missing, &folder] {
        for command in [&["code"][..], &["inspect"], &["qr"]] {
            let run = otp("", &[command, &["--json", "--from", path]].concat());
            let message = run.failure(3, "io", "from");
            assert!(message.contains(&format!("{path:?}: ")), "{message}");
        }
    }
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    for secret in [SECRET, &SECRET.to_lowercase(), &uri, "8844567abcdef022334455667abcdef0"] {
        for command in
            [&["code", "--from"][..], &["inspect", "--from"], &["new", "--account", "a", "--svg"]]
        {
            let path =
                if command.contains(&"--svg") { format!("/x/{secret}") } else { secret.into() };
            otp("", &[command, &[&path]].concat()).assert_silent_on(&[secret]);
        }
    }
}

#[test]
#[cfg(unix)]
fn arguments_that_are_not_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let bad = OsStr::from_bytes(b"GEZDGNBV\xff");
    for arguments in [
        &["match".as_ref(), bad][..],
        &[bad],
        &["new".as_ref(), "--account".as_ref(), bad],
        &["code".as_ref(), "--digits".as_ref(), bad],
        &["enroll".as_ref(), bad],
        &["status".as_ref(), bad],
        &["resync".as_ref(), "a".as_ref(), "123456".as_ref(), bad],
        &["wallet".as_ref(), "add".as_ref(), "--tag".as_ref(), bad],
    ] {
        let run = otp(SECRET, &[&["--json".as_ref()], arguments].concat());
        assert_eq!(run.status, 2);
        assert_eq!(run.object()["error"], "usage");
        run.assert_silent_on(&["GEZDGNBV"]);
    }
}

/// The help names the feature to build with.
#[test]
#[cfg(not(any(feature = "postgres", feature = "redis")))]
fn server_without_its_feature_is_rejected() {
    for (db, feature) in [
        ("postgres://user@host/otp", "postgres"),
        ("postgresql://host", "postgres"),
        ("redis://host", "redis"),
        ("rediss://host:6379/1", "redis"),
    ] {
        let message = otp("", &["list", "--json", "--db", db]).failure(2, "usage", "db");
        assert!(message.contains(&format!("--features {feature}")), "{message}");
    }
    let mut list = crate::otp::command(&["list", "--json"]);
    list.env("OTP_DB", "redis://user:hunter2@host");
    let run = crate::otp::run(list, b"");
    run.failure(2, "usage", "db");
    run.assert_silent_on(&["hunter2"]);
}

/// A control: the checks above notice a secret that is shown.
#[test]
#[should_panic(expected = "stdout has")]
fn control_secret_that_is_shown_is_noticed() {
    let run = otp("", &["new", "--account", "a", "--json"]);
    let secret = run.object()["secret_base32"].as_str().unwrap().to_owned();
    run.assert_silent_on(&[&secret]);
}
