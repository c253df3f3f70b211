//! Pipes whose reader is gone, and other failures to write.

use std::io::{Read, Write, pipe};
use std::process::Stdio;

use crate::otp::{SECRET, command, otp};

/// Runs the command with a stdout whose reader is gone. Returns its exit status and its stderr.
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
fn lost_reader_is_not_a_failure() {
    for arguments in [
        &["code"][..],
        // Endless, unless the command notices the lost reader.
        &["code", "--count", "18446744073709551615"],
        &["code", "--type", "hotp", "--counter", "0", "--count", "18446744073709551615"],
        &["match", "--time", "59", "287082"],
        &["new", "--account", "a", "--qr"],
        &["demo"],
        &["oathtool", "-b", "-"],
        &["completions", "bash"],
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
fn lost_reader_does_not_change_the_exit_status() {
    for json in [&[][..], &["--json"]] {
        let refused = ["match", "--time", "59", "000000"];
        assert_eq!(unread(&[&refused, json].concat()), (Some(1), String::new()));
        assert_eq!(unread(&[&["code", "--digits", "5"], json].concat()).0, Some(2));
    }
}

/// Runs the command on a line and then on endless URIs, with a stdout whose reader is gone.
fn unread_lines(first: &str, arguments: &[&str]) -> Option<i32> {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let line = format!("otpauth://totp/a?secret={SECRET}\n");
    let mut written = writeln!(stdin, "{first}").map(|()| 0);
    while let Ok(bytes) = written {
        assert!(bytes < 1 << 20, "{arguments:?} reads on");
        written = stdin.write_all(line.as_bytes()).map(|()| bytes + line.len());
    }
    child.wait().unwrap().code()
}

#[test]
fn endless_lines_are_not_read_after_the_reader_is_lost() {
    for command in [
        &["inspect"][..],
        &["inspect", "--json"],
        &["convert", "--to", "uri"],
        &["convert", "--to", "passlib", "--json"],
    ] {
        assert_eq!(unread_lines("", command), Some(0), "{command:?}");
        assert_eq!(unread_lines("motp://a", command), Some(1), "{command:?}");
    }
}

#[test]
fn lost_reader_of_stderr_is_not_a_failure() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let folder = tempfile::tempdir().unwrap();
    let mut enroll = command(&["enroll", "alice"]);
    enroll.env("HOME", folder.path()).env("LOCALAPPDATA", folder.path());
    let enroll = enroll.stderr(writer).output().unwrap();
    assert_eq!(enroll.status.code(), Some(0));
    assert!(enroll.stdout.starts_with(b"otpauth://"));
}

#[test]
#[cfg(target_os = "linux")]
fn full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = command(&["new", "--account", "a"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(3));
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert!(stderr.contains("output: no space left on device"), "{stderr}");
}

#[test]
fn missing_stdin_is_empty_input() {
    let run = command(&["code", "--json"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    otp("", &["code", "--json"]).failure(2, "invalid", "secret");
}

/// Rust has no name for this error.
#[test]
#[cfg(target_os = "linux")]
fn error_text_of_the_system_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let run = otp("", &["code", "--json", "--from", &path.display().to_string()]);
    let message = run.failure(3, "io", "from");
    assert!(message.contains("no such device or address"), "{message}");
}
