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
fn the_story_goes_as_it_must() {
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
fn people_see_it_too() {
    let run = demo(&["demo"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for text in ["otpauth://totp/", "█", "accepted", "used already", "wrong", "locked"] {
        assert!(run.stdout.contains(text), "{text}");
    }
}
