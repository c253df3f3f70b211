use std::collections::{BTreeMap, BTreeSet};

/// The heading of a table of commands, whose rows tell their options too.
const TABLE: &str = "| Command | Does |";
/// The command whose next word is one of its own commands.
const NESTED: &str = "wallet";

/// The commands of `otp` that a document shows, each with the long options that stand beside it.
pub(super) type Commands = BTreeMap<String, BTreeSet<String>>;

pub(super) fn commands(markdown: &str) -> Commands {
    let mut found = Commands::new();
    for piece in markdown.split(['`', '\n', '|', '$', '(', '&', ';', '#']) {
        if let Some(line) = piece.trim().strip_prefix("otp ") {
            add(&mut found, line, line);
        }
    }
    let (_, table) = markdown.split_once(TABLE).unwrap_or_default();
    for row in table.lines().skip(1).take_while(|row| row.starts_with('|')) {
        if let Some(line) = row.split('`').nth(1) {
            add(&mut found, line, row);
        }
    }
    found
}

/// Adds what a line begins with, if that can be a command, with the options in a text.
fn add(found: &mut Commands, line: &str, text: &str) {
    let mut words = line.split_whitespace();
    let Some(name) = words.next() else { return };
    if !name.chars().all(|character| character.is_ascii_lowercase()) {
        return;
    }
    let names = match words.next() {
        Some(inner) if name == NESTED => {
            inner.split("\\|").map(|it| format!("{name} {it}")).collect()
        }
        _ => vec![name.to_owned()],
    };
    for name in names {
        found.entry(name).or_default().extend(options(text).map(str::to_owned));
    }
}

/// The long options in a text: of a document, or what `--help` says.
pub(super) fn options(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    words.filter(|word| word.len() > 2 && word.starts_with("--") && !word.starts_with("---"))
}

#[cfg(test)]
mod tests {
    use super::{Commands, commands, options};

    fn of(pairs: &[(&str, &[&str])]) -> Commands {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        pairs.iter().map(|(name, words)| ((*name).to_owned(), own(words))).collect()
    }

    #[test]
    fn commands_are_found_in_blocks_and_in_running_text() {
        let text = "Use `otp verify alice` or\n`otp --version`, `otp COMMAND --help`.\n\
                    echo x | otp code --json --count 2\notp wallet add && otp wallet rotate  # --no\n";
        let expected: [(&str, &[&str]); 4] = [
            ("code", &["--count", "--json"]),
            ("verify", &[]),
            ("wallet add", &[]),
            ("wallet rotate", &[]),
        ];
        assert_eq!(commands(text), of(&expected));
    }

    #[test]
    fn a_row_of_the_table_tells_a_command_and_its_options() {
        let text = "| Command | Does |\n|---|---|\n| `qr` | shows, or `--svg FILE` |\n\
                    | `wallet init\\|add` | secrets |\n\n| `other` | |\n";
        let expected: [(&str, &[&str]); 3] =
            [("qr", &["--svg"]), ("wallet add", &[]), ("wallet init", &[])];
        assert_eq!(commands(text), of(&expected));
        assert!(commands("no command").is_empty());
    }

    #[test]
    fn options_are_words_of_their_own() {
        let help = "  -q, --quiet\n      --to <FORM>  [--x=1] ---- a--b --";
        assert_eq!(options(help).collect::<Vec<_>>(), ["--quiet", "--to", "--x"]);
    }
}
