mod check;

use core::fmt::Write as _;
use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::fuzz::Ledger;
use crate::workspace::{Workspace, root};

use self::check::{CHECKS, Check};

const PAGE: &str = "docs/assurance.md";
/// From here on the page is written by people.
const BY_HAND: &str = "## Found on the way";

/// A check that was made, or skipped.
struct Outcome {
    check: &'static Check,
    made: Option<Made>,
}

struct Made {
    good: bool,
    seconds: u64,
    output: String,
}

/// Runs the checks that take long and writes their figures down, but for those to skip; or only those
/// whose promise or command has a word in it.
pub(crate) fn run(_: &Workspace, mut arguments: Arguments) -> Result<()> {
    let mut skipped = Vec::new();
    while let Some(word) = arguments.option::<String>("--skip")? {
        ensure!(CHECKS.iter().any(|check| is_about(check, &word)), "there is no {word} to skip");
        skipped.push(word);
    }
    let only = arguments.word();
    arguments.end()?;
    let mut outcomes = Vec::new();
    for check in CHECKS.iter().filter(|it| only.as_ref().is_none_or(|word| is_about(it, word))) {
        println!("\n== {}", check.promise);
        let skip = skipped.iter().any(|word| is_about(check, word));
        let made = if skip { None } else { Some(Made::of(check)?) };
        outcomes.push(Outcome { check, made });
    }
    ensure!(!outcomes.is_empty(), "no promise or command has {}", only.unwrap_or_default());
    if only.is_none() {
        let page = root().join(PAGE);
        let old = fs::read_to_string(&page).unwrap_or_default();
        let new = page_of(&head()?, &outcomes, &Ledger::read()?, &old)?;
        fs::write(page, new).context(PAGE)?;
        println!("\nwritten to {PAGE}");
    }
    let failed = outcomes.iter().filter(|it| it.made.as_ref().is_some_and(|made| !made.good));
    let failed: Vec<_> = failed.map(|it| it.check.command).collect();
    ensure!(failed.is_empty(), "failed: {}", failed.join("; "));
    Ok(())
}

fn is_about(check: &Check, word: &str) -> bool {
    check.promise.contains(word) || check.command.contains(word)
}

impl Made {
    fn of(check: &Check) -> Result<Self> {
        let begun = Instant::now();
        let (output, good) = command(check.command).watch()?;
        Ok(Self { good, seconds: begun.elapsed().as_secs(), output })
    }

    fn result(&self) -> String {
        format!("{}, {} s", if self.good { "holds" } else { "**FAILS**" }, self.seconds)
    }
}

fn command(line: &str) -> Command {
    let (program, rest) = line.split_once(' ').unwrap_or((line, ""));
    Command::new(program).words(rest)
}

/// When, and by which compilers.
fn head() -> Result<String> {
    let date = Command::new("date").words("-u +%Y-%m-%d").read()?;
    let stable = Command::new("rustc").arg("--version").read()?;
    let nightly = Command::new("rustup").words("run nightly rustc --version").read();
    let nightly = nightly.unwrap_or_else(|_| "no nightly".to_owned());
    Ok(format!("{}, {}, {}", date.trim(), stable.trim(), nightly.trim()))
}

fn page_of(head: &str, outcomes: &[Outcome], ledger: &Ledger, old: &str) -> Result<String> {
    let mut page = format!(
        "# Assurance\n\nWritten by `cargo xtask assure` ({head}), but for the last section. What each \
         promise means, and\nits limits: [security.md](security.md).\n\n\
         | Promise | Command | Control, which must fail | Result |\n|---|---|---|---|\n"
    );
    for Outcome { check, made } in outcomes {
        let (promise, command, control) = (check.promise, check.command, check.control);
        let result = made.as_ref().map_or_else(|| "not made this time".to_owned(), Made::result);
        writeln!(page, "| {promise} | `{command}` | {control} | {result} |")?;
    }
    page.push_str("\n## Figures\n");
    for Outcome { check, made } in outcomes {
        let Some(made) = made else { continue };
        let figures = made.output.lines().filter(|line| line.contains(check.figures));
        let figures: Vec<_> = figures.map(str::trim_end).collect();
        write!(page, "\n`{}`\n\n```text\n{}\n```\n", check.command, figures.join("\n"))?;
    }
    page.push_str("\n## Fuzzing so far\n\n| Target | Inputs | Minutes |\n|---|---:|---:|\n");
    for (target, effort) in &ledger.0 {
        writeln!(page, "| `{target}` | {} | {} |", effort.inputs, effort.seconds / 60)?;
    }
    let by_hand = old.find(BY_HAND).and_then(|place| old.get(place..));
    write!(page, "\n{}", by_hand.unwrap_or("## Found on the way\n\nNothing.\n"))?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::{BY_HAND, CHECKS, Made, Outcome, page_of};
    use crate::COMMANDS;
    use crate::fuzz::Ledger;

    fn outcome(good: bool) -> Outcome {
        let output = "noise\ntest a ... ok\n".to_owned();
        Outcome { check: &CHECKS[0], made: Some(Made { good, seconds: 7, output }) }
    }

    #[test]
    fn the_page_has_figures_and_keeps_what_people_wrote() {
        let old = format!("# Assurance\n\nstale words\n\n{BY_HAND}\n\nA bug.\n");
        let page = page_of("today", &[outcome(true)], &Ledger::default(), &old).unwrap();
        assert!(
            page.contains("test a ... ok") && !page.contains("noise") && !page.contains("stale")
        );
        assert!(page.contains("| holds, 7 s |") && page.ends_with("A bug.\n"));
        let page = page_of("today", &[outcome(false)], &Ledger::default(), "").unwrap();
        assert!(page.contains("**FAILS**"));
        let skipped = [Outcome { check: &CHECKS[0], made: None }];
        let page = page_of("today", &skipped, &Ledger::default(), "").unwrap();
        assert!(page.contains("not made this time") && !page.contains("holds,"));
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
            for part in [check.promise, check.control, check.figures] {
                assert!(!part.is_empty() && !part.contains('|') || part == "|t|");
            }
        }
    }
}
