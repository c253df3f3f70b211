//! The definition of the command line, with what help shows beside it: groups and examples.

use clap::{Command, CommandFactory as _};

use crate::cli::Cli;

/// The commands by what they are for, in the order of help.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Show codes", &["code", "watch", "match", "qr", "oathtool"]),
    ("Files of keys", &["new", "inspect", "convert"]),
    (
        "Accounts",
        &["enroll", "verify", "list", "status", "unlock", "resync", "drift", "remove", "recovery"],
    ),
    ("Keys of accounts", &["wallet"]),
    ("Database", &["db", "backup"]),
    ("This command", &["demo", "config", "completions", "selftest"]),
];

/// Two examples of each command, which its help shows. The page `tests/cases/examples.md` has their
/// answers.
const EXAMPLES: [(&str, [&str; 2]); 35] = [
    ("code", ["otp code < key.txt", "otp code --from key.txt --count 3"]),
    ("watch", ["otp watch", "otp watch uris.txt --json"]),
    (
        "match",
        [
            "otp match 287082 --time 59 < key.txt",
            "otp match 123456 --time 2026-11-30T12:00:00Z --from key.txt",
        ],
    ),
    ("qr", ["otp qr < key.txt", "otp qr --svg key.svg --from key.txt"]),
    ("oathtool", ["otp oathtool --totp -b @key.txt", "otp oathtool -b -c 1 -w 2 - < key.txt"]),
    (
        "new",
        [
            "otp new --issuer ACME --account alice --qr",
            "otp new --account bob --type hotp > new.txt",
        ],
    ),
    ("inspect", ["otp inspect < uris.txt", "otp inspect --json --from uris.txt"]),
    (
        "convert",
        ["otp convert --to uri < export.txt", "otp convert --to migration --qr < uris.txt"],
    ),
    ("enroll", ["otp enroll bob --qr", "otp enroll bob --confirm 123456"]),
    ("verify", ["otp verify alice 123456", "otp verify alice < code.txt"]),
    ("list", ["otp list", "otp list --json"]),
    ("status", ["otp status alice", "otp status alice --json"]),
    ("unlock", ["otp unlock alice", "otp unlock --all --yes"]),
    (
        "resync",
        ["otp resync alice 123456 234567", "otp resync alice 123456 234567 --search 100000"],
    ),
    ("drift", ["otp drift alice", "otp drift alice --reset"]),
    ("remove", ["otp remove alice", "otp remove alice --name phone"]),
    ("recovery", ["otp recovery new alice", "otp recovery left alice"]),
    (
        "recovery new",
        ["otp recovery new alice", "otp recovery new alice --issuer Shop > codes.txt"],
    ),
    (
        "recovery use",
        ["otp recovery use alice < code.txt", "otp recovery use alice --json < code.txt"],
    ),
    ("recovery left", ["otp recovery left alice", "otp recovery left alice --json"]),
    ("recovery remove", ["otp recovery remove alice", "otp recovery remove alice --json"]),
    ("wallet", ["otp wallet init --wallet otp.wallet", "otp wallet check"]),
    (
        "wallet init",
        ["otp wallet init --wallet otp.wallet", "otp wallet init --wallet w --tag first"],
    ),
    ("wallet add", ["otp wallet add", "otp wallet add --tag second"]),
    ("wallet rotate", ["otp wallet rotate", "otp wallet rotate --dry-run"]),
    ("wallet check", ["otp wallet check", "otp wallet check --json"]),
    ("db", ["otp db init", "otp db check"]),
    ("db init", ["otp db init", "otp db init --db sqlite:new.db"]),
    ("db migrate", ["otp db migrate", "otp db migrate --db sqlite:otp.db"]),
    ("db check", ["otp db check", "otp db check --json"]),
    ("backup", ["otp backup backup.db", "otp backup --db sqlite:otp.db copy.db"]),
    ("demo", ["otp demo", "otp demo --json"]),
    ("config", ["otp config", "otp config --json"]),
    ("selftest", ["otp selftest", "otp selftest --json"]),
    ("completions", ["otp completions bash > otp.bash", "otp completions zsh > _otp"]),
];

/// Returns the definition with the help of every command.
pub(crate) fn definition() -> Command {
    let command = Cli::command();
    let end = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let template = format!(
        "{{about}}\n\nUsage: {{usage}}\n\n{}\n\
         Options: --json, --quiet, --color WHEN, --help, --version; otp help COMMAND\n{end}\n",
        groups(&command)
    );
    EXAMPLES.iter().fold(command.help_template(template), |command, (path, examples)| {
        with_examples(command, path, examples)
    })
}

/// Returns the commands in their groups, one a line.
fn groups(command: &Command) -> String {
    let mut text = String::new();
    for (heading, names) in GROUPS {
        text.push_str(&format!("{heading}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!("  {name:<11}  {about}\n"));
        }
    }
    text
}

/// Adds the examples to the help of a subcommand, whose names are separated by spaces.
fn with_examples(command: Command, path: &str, examples: &[&str; 2]) -> Command {
    let (name, rest) = path.split_once(' ').unwrap_or((path, ""));
    command.mut_subcommand(name, |command| match rest {
        "" => command.after_help(format!("Examples:\n  {}\n  {}", examples[0], examples[1])),
        rest => with_examples(command, rest, examples),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_valid() {
        definition().debug_assert();
    }

    #[test]
    fn every_command_is_in_one_group() {
        let definition = definition();
        let shown = definition.get_subcommands().filter(|command| !command.is_hide_set());
        let mut shown: Vec<_> = shown.map(Command::get_name).collect();
        let mut grouped: Vec<_> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(shown, grouped);
    }
}
