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

/// A check that was made.
struct Outcome {
    check: &'static Check,
    good: bool,
    seconds: u64,
    output: String,
}

/// Runs the checks that take long, all of them or those whose promise has a word in it, and writes
/// their figures down.
pub(crate) fn run(_: &Workspace, mut arguments: Arguments) -> Result<()> {
    let word = arguments.word();
    arguments.end()?;
    let wanted = |check: &&Check| {
        word.as_ref()
            .is_none_or(|word| check.promise.contains(word) || check.command.contains(word))
    };
    let mut outcomes = Vec::new();
    for check in CHECKS.iter().filter(wanted) {
        println!("\n== {}", check.promise);
        let begun = Instant::now();
        let (output, good) = command(check.command).watch()?;
        outcomes.push(Outcome { check, good, seconds: begun.elapsed().as_secs(), output });
    }
    ensure!(!outcomes.is_empty(), "no promise or command has {}", word.unwrap_or_default());
    if word.is_none() {
        let page = root().join(PAGE);
        let old = fs::read_to_string(&page).unwrap_or_default();
        let new = page_of(&head()?, &outcomes, &Ledger::read()?, &old)?;
        fs::write(page, new).context(PAGE)?;
        println!("\nwritten to {PAGE}");
    }
    let failed: Vec<_> = outcomes.iter().filter(|it| !it.good).map(|it| it.check.command).collect();
    ensure!(failed.is_empty(), "failed: {}", failed.join("; "));
    Ok(())
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
    for Outcome { check, good, seconds, .. } in outcomes {
        let (promise, command, control) = (check.promise, check.command, check.control);
        let result = if *good { "holds" } else { "**FAILS**" };
        writeln!(page, "| {promise} | `{command}` | {control} | {result}, {seconds} s |")?;
    }
    page.push_str("\n## Figures\n");
    for outcome in outcomes {
        let figures = outcome.output.lines().filter(|line| line.contains(outcome.check.figures));
        let figures: Vec<_> = figures.map(str::trim_end).collect();
        write!(page, "\n`{}`\n\n```text\n{}\n```\n", outcome.check.command, figures.join("\n"))?;
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
    use super::{BY_HAND, CHECKS, Outcome, page_of};
    use crate::COMMANDS;
    use crate::fuzz::Ledger;

    fn outcome(good: bool) -> Outcome {
        let output = "noise\ntest a ... ok\n".to_owned();
        Outcome { check: &CHECKS[0], good, seconds: 7, output }
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
