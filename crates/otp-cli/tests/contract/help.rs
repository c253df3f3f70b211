//! Help, as an option and as a command.

use crate::otp::otp;

const EXAMPLES: &str = include_str!("../cases/examples.md");

fn help(path: &[String]) -> String {
    let run = otp("", &[path, &["--help".to_owned()]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{path:?}");
    run.stdout
}

/// Returns the commands below a path, as its help lists them.
fn commands(path: &[String]) -> Vec<Vec<String>> {
    let help = help(path);
    let name = |line: &str| {
        let (name, _) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_command = name.bytes().all(|it| it.is_ascii_lowercase()) && name != "help";
        (is_command && !name.is_empty()).then(|| name.to_owned())
    };
    let names = help.lines().filter_map(name);
    let here = names.map(|name| [path, &[name]].concat());
    here.flat_map(|path| [vec![path.clone()], commands(&path)].concat()).collect()
}

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
    for help in ["--help", "-h"] {
        let run = otp("", &[help]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("Usage: otp"), "{}", run.stdout);
    }
}

#[test]
fn help_fits_a_screen() {
    let help = help(&[]);
    assert!(help.lines().count() <= 40, "{help}");
    for line in help.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// Each command's help ends with two examples, and a page has their answers.
#[test]
fn examples_of_help_are_run() {
    let commands = commands(&[]);
    assert!(commands.len() > 30, "{commands:?}");
    for path in commands {
        let help = help(&path);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        let examples: Vec<_> = examples.lines().map(str::trim).collect();
        assert_eq!(examples.len(), 2, "{path:?}");
        for example in examples {
            assert!(example.starts_with(&format!("otp {} ", path[0])) || path.len() == 1);
            let is_run = EXAMPLES.lines().any(|line| line.strip_prefix("$ ") == Some(example));
            assert!(is_run, "tests/cases/examples.md lacks: $ {example}");
        }
    }
}
