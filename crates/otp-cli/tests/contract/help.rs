//! Help, as an option and as a command.

use crate::otp::otp;

#[test]
fn command_help_is_a_command_too() {
    for (words, option) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "code"], &["code", "--help"]),
        (&["help", "wallet", "add"], &["wallet", "add", "--help"]),
        (&["wallet", "help", "add"], &["wallet", "add", "--help"]),
    ] {
        assert_eq!(otp("", words), otp("", option), "{words:?}");
    }
}

#[test]
fn help_and_version_are_no_failures() {
    let version = format!("otp {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(otp("", &["--version"]).line(), version);
    for command in [
        &[][..],
        &["demo"],
        &["new"],
        &["code"],
        &["match"],
        &["inspect"],
        &["convert"],
        &["qr"],
        &["enroll"],
        &["verify"],
        &["list"],
        &["status"],
        &["unlock"],
        &["resync"],
        &["remove"],
        &["wallet"],
        &["wallet", "init"],
        &["wallet", "add"],
        &["wallet", "rotate"],
        &["wallet", "check"],
        &["selftest"],
    ] {
        for help in ["--help", "-h"] {
            let run = otp("", &[command, &[help]].concat());
            assert_eq!((run.status, run.stderr.as_str()), (0, ""));
            assert!(run.stdout.contains("Usage: otp"), "{}", run.stdout);
        }
    }
}
