//! Pipes whose reader goes away, and other trouble with writing.

use std::io::{Read, Write, pipe};
use std::process::Stdio;

use crate::otp::{SECRET, command, otp};

/// Runs the command with pipes that nobody reads, and gives its status and what it said on stderr.
fn unread(arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(SECRET.as_bytes());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    (child.wait().unwrap().code(), stderr)
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for arguments in [
        &["code"][..],
        // Without an end, if nobody noticed.
        &["code", "--count", "18446744073709551615"],
        &["code", "--type", "hotp", "--counter", "0", "--count", "18446744073709551615"],
        &["match", "--time", "59", "287082"],
        &["new", "--account", "a", "--qr"],
        &["demo"],
        &["selftest"],
        &["--help"],
        &["--version"],
        &["new", "--help"],
    ] {
        assert_eq!(unread(arguments), (Some(0), String::new()), "{arguments:?}");
        if !arguments.contains(&"--help") && !arguments.contains(&"--version") {
            let json = [arguments, &["--json"]].concat();
            assert_eq!(unread(&json), (Some(0), String::new()), "{json:?}");
        }
    }
}

#[test]
fn a_lost_reader_makes_no_yes_of_a_no() {
    for json in [&[][..], &["--json"]] {
        let refused = ["match", "--time", "59", "000000"];
        assert_eq!(unread(&[&refused, json].concat()), (Some(1), String::new()));
        assert_eq!(unread(&[&["code", "--digits", "5"], json].concat()).0, Some(2));
    }
}

#[test]
fn nobody_reads_stderr() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let folder = tempfile::tempdir().unwrap();
    let db = format!("sqlite:{}", folder.path().join("otp.db").display());
    let enroll = command(&["enroll", "alice", "--db", &db]).stderr(writer).output().unwrap();
    assert_eq!(enroll.status.code(), Some(0));
    assert!(enroll.stdout.starts_with(b"otpauth://"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = command(&["new", "--account", "a"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(3));
    assert_eq!(String::from_utf8(run.stderr).unwrap(), "otp: output: no storage space\n");
}

#[test]
fn no_stdin_is_an_empty_one() {
    let run = command(&["code", "--json"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    otp("", &["code", "--json"]).failure(2, "invalid", "secret");
}
