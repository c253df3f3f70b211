mod check;
mod record;

use core::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::fuzz::Ledger;
use crate::workspace::{Workspace, root};

use self::check::{CHECKS, Check};
use self::record::{Record, Records};

const PAGE: &str = "docs/assurance.md";
/// From here on the page is written by people.
const BY_HAND: &str = "## Found on the way";

/// Runs the checks that take long, or only those whose promise or command has a word in it, but for
/// those to skip; and writes down what they found, beside what the others found before. With `--page`
/// it runs none and writes only the page anew.
pub(crate) fn run(_: &Workspace, mut arguments: Arguments) -> Result<()> {
    if arguments.flag("--page") {
        arguments.end()?;
        return keep(&mut Records::read()?);
    }
    let mut skipped = Vec::new();
    while let Some(word) = arguments.option::<String>("--skip")? {
        ensure!(CHECKS.iter().any(|check| is_about(check, &word)), "there is no {word} to skip");
        skipped.push(word);
    }
    let only = arguments.word();
    arguments.end()?;
    let wanted = |check: &&Check| {
        only.as_ref().is_none_or(|word| is_about(check, word))
            && !skipped.iter().any(|word| is_about(check, word))
    };
    let wanted: Vec<_> = CHECKS.iter().filter(wanted).collect();
    ensure!(!wanted.is_empty(), "no promise or command is left to check");
    let mut failed = Vec::new();
    for check in wanted {
        println!("\n== {}", check.promise);
        let record = Record::of(check)?;
        if !record.good {
            failed.push(check.command);
        }
        // Written after each: the next one may take an hour.
        let mut records = Records::read()?;
        records.0.insert(check.command.to_owned(), record);
        keep(&mut records)?;
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join("; "));
    Ok(())
}

fn is_about(check: &Check, word: &str) -> bool {
    check.promise.contains(word) || check.command.contains(word)
}

/// Writes records and page.
fn keep(records: &mut Records) -> Result<()> {
    records.write()?;
    let page = root().join(PAGE);
    let old = fs::read_to_string(&page).unwrap_or_default();
    fs::write(page, page_of(records, &Ledger::read()?, &old)?).context(PAGE)
}

fn page_of(records: &Records, ledger: &Ledger, old: &str) -> Result<String> {
    let by_hand = old.find(BY_HAND).and_then(|place| old.get(place..));
    let by_hand = by_hand.unwrap_or("## Found on the way\n\nNothing.\n");
    let sections: Vec<_> = by_hand.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut page = format!(
        "# Assurance\n\nWritten by `cargo xtask assure`. By hand: *{}*.\n\
         What each promise means, and its limits: [security.md](security.md).\n\n\
         A row holds for the commit that it names; the sources may have changed since.\n\n\
         | Promise | Command | Control, which must fail | Result |\n|---|---|---|---|\n",
        sections.join("*, *")
    );
    for check in CHECKS {
        let (promise, command, control) = (check.promise, check.command, check.control);
        let result =
            records.0.get(command).map_or_else(|| "not made yet".to_owned(), Record::result);
        writeln!(page, "| {promise} | `{command}` | {control} | {result} |")?;
    }
    page.push_str("\n## Figures\n");
    for check in CHECKS {
        let Some(record) = records.0.get(check.command) else { continue };
        let (toolchain, figures) = (&record.toolchain, record.figures.join("\n"));
        write!(page, "\n`{}`, {toolchain}:\n\n```text\n{figures}\n```\n", check.command)?;
    }
    page.push_str("\n## Fuzzing so far\n\n| Target | Inputs | Minutes |\n|---|---:|---:|\n");
    for (target, effort) in &ledger.0 {
        writeln!(page, "| `{target}` | {} | {} |", effort.inputs, effort.seconds / 60)?;
    }
    write!(page, "\n{by_hand}")?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::{BY_HAND, CHECKS, PAGE, Record, Records, page_of};
    use crate::COMMANDS;
    use crate::ci::STEPS;
    use crate::fuzz::Ledger;
    use crate::workspace::root;

    fn records(good: bool) -> Records {
        let figures = vec!["test a ... ok".to_owned()];
        let (date, toolchain) = ("2026-01-02".to_owned(), "rustc 1".to_owned());
        let commit = "abc1234".to_owned();
        let record = Record { date, commit, toolchain, good, seconds: 7, figures };
        Records([(CHECKS[0].command.to_owned(), record)].into())
    }

    #[test]
    fn the_page_has_figures_and_keeps_what_people_wrote() {
        let old =
            format!("# Assurance\n\nstale words\n\n{BY_HAND}\n\nText.\n\n## More\n\nA bug.\n");
        let page = page_of(&records(true), &Ledger::default(), &old).unwrap();
        assert!(page.contains("test a ... ok") && !page.contains("stale"));
        assert!(page.contains("| holds, 2026-01-02, abc1234, 7 s |") && page.ends_with("A bug.\n"));
        assert!(page.contains("| not made yet |"));
        assert!(page.contains("A row holds for the commit that it names;"));
        assert!(page.contains("By hand: *Found on the way*, *More*."));
        let page = page_of(&records(false), &Ledger::default(), "").unwrap();
        assert!(page.contains("**FAILS**") && !page.contains("| holds,"));
    }

    #[test]
    fn the_page_is_what_the_records_say() {
        let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
        let says = page_of(&Records::read().unwrap(), &Ledger::read().unwrap(), &page).unwrap();
        assert!(page == says, "{PAGE} is not what the records say: `cargo xtask assure --page`");
        assert_ne!(page, page_of(&records(true), &Ledger::default(), &page).unwrap());
    }

    #[test]
    fn every_check_names_a_command_that_exists() {
        for check in CHECKS {
            let mut words = check.command.split_whitespace();
            assert_eq!(words.next(), Some("cargo"));
            if words.next() == Some("xtask") {
                let name = words.next().unwrap();
                assert!(COMMANDS.iter().any(|(known, ..)| *known == name), "{name}");
            }
            assert!(![check.promise, check.command, check.control].contains(&""));
            assert!(!check.figures.is_empty() && !check.figures.contains(&""));
            // They are cells of a table.
            assert!(![check.promise, check.command, check.control].concat().contains('|'));
            let same = CHECKS.iter().filter(|other| other.command == check.command);
            assert_eq!(same.count(), 1, "{}", check.command);
        }
    }

    /// What runs the others, and what judges nothing.
    const NEITHER: [&str; 4] = ["ci", "assure", "criterion", "bench"];

    #[test]
    fn every_command_is_a_step_or_a_check_or_known_to_be_neither() {
        let is_check = |name: &str| {
            CHECKS.iter().any(|check| check.command.split_whitespace().nth(2) == Some(name))
        };
        for (name, ..) in COMMANDS {
            let used = STEPS.iter().any(|(step, _)| step == name) || is_check(name);
            assert_ne!(used, NEITHER.contains(name), "{name}");
        }
    }
}
