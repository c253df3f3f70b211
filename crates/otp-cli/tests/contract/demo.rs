use std::fs;

use crate::otp::{Run, command, run};

/// Runs the demo with a folder for its temporary files, which must be empty afterwards.
fn demo(arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(arguments);
    command.env("TMPDIR", folder.path()).env("TMP", folder.path());
    let run = run(command, b"");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
    run
}

#[test]
fn demo_has_the_expected_outcome_at_each_step() {
    let run = demo(&["demo", "--json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let steps = run.objects();
    let outcomes: Vec<_> = steps
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    let expected = [
        ("enroll", "pending"),
        ("qr", "shown"),
        ("confirm", "accepted"),
        ("verify", "accepted"),
        ("replay", "rejected"),
        ("guess", "rejected"),
        ("guess", "rejected"),
        ("guess", "rejected"),
        ("throttled", "locked"),
        ("verify", "accepted"),
    ];
    assert_eq!(outcomes, expected);
    assert!(steps[0]["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert_eq!(steps[4]["reason"], "replayed");
    let failures: Vec<_> = steps[4..9].iter().map(|step| step["failures"].as_u64()).collect();
    assert_eq!(failures, [1, 2, 3, 4, 4].map(Some));
    assert_eq!(steps[7]["locked_until"], steps[8]["locked_until"]);
    assert_eq!(steps[9]["failures_before"], 4);
}

#[test]
fn demo_without_json_is_text() {
    let run = demo(&["demo"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for text in ["otpauth://totp/", "█", "accepted", "used already", "wrong", "locked"] {
        assert!(run.stdout.contains(text), "{text}");
    }
}

/// The demo waits for a reader here, with its database on disk.
#[test]
#[cfg(target_os = "linux")]
fn demo_leaves_nothing_behind_after_a_signal() {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;

    use rustix::process::{Pid, Signal, kill_process};

    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        let mut filler = writer.try_clone().unwrap();
        let full = std::thread::spawn(move || filler.write_all(&[b'x'; 1 << 22]).is_err());
        let mut command = command(&["demo"]);
        let mut child = command.env("TMPDIR", folder.path()).stdout(writer).spawn().unwrap();
        drop(command);
        let is_there = |name: &str| {
            fs::read_dir(folder.path()).unwrap().any(|it| it.unwrap().path().join(name).exists())
        };
        while !is_there("otp.db") {
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
        drop(reader);
        assert!(full.join().unwrap());
    }
}
