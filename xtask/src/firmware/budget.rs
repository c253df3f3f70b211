use std::fs;

use anyhow::{Context, Result, bail};

use super::emulator::{self, Board};
use super::image::Image;
use super::{HASHES, built};
use crate::workspace::root;

/// The images that link a hash.
const HASHING: [&str; 4] = ["totp", "any-totp", "hotp", "verify"];
/// Those that link none.
const OTHERS: [&str; 2] = ["format", "counter"];

const TITLE: &str = "board level hash   image     flash  ram  stack  instructions";

/// Weighs and counts the images of one build, less what the empty image takes; one line for each.
pub(super) fn measure(
    board: &Board,
    profile: &str,
    level: &str,
    hashes: &str,
) -> Result<Vec<String>> {
    let others = if hashes == HASHES[0] { OTHERS.as_slice() } else { &[] };
    let take = |name: &str| -> Result<_> {
        let path = built(board.target, profile, name);
        let image = Image::read(&path)?;
        let run = emulator::run(board, &path, &image)?;
        Ok((image, run))
    };
    let (empty, nothing) = take("empty")?;
    let mut lines = Vec::new();
    for name in HASHING.iter().chain(others) {
        let (image, run) = take(name)?;
        let hash = match hashes {
            _ if OTHERS.contains(name) => "-",
            all if all.contains(',') => "all",
            one => one,
        };
        lines.push(format!(
            "{:<5} {level:<5} {hash:<6} {name:<9}{:>6}{:>5}{:>7}{:>14}",
            board.name,
            image.flash - empty.flash,
            image.ram - empty.ram,
            run.stack,
            run.instructions - nothing.instructions,
        ));
    }
    Ok(lines)
}

/// Compares with the budgets that are checked in, to the byte and to the instruction.
pub(super) fn check(mut lines: Vec<String>, rebaseline: bool) -> Result<()> {
    let path = root().join("firmware/budgets.txt");
    lines.insert(0, TITLE.to_owned());
    for line in &lines {
        println!("{line}");
    }
    if rebaseline {
        fs::write(&path, lines.join("\n") + "\n")?;
        println!("written to {}", path.display());
        return Ok(());
    }
    let file = fs::read_to_string(&path).context("firmware/budgets.txt")?;
    let differences = differences(&file, &lines);
    for difference in &differences {
        println!("{difference}");
    }
    if !differences.is_empty() {
        bail!("budgets are not met exactly; if that is meant, add --rebaseline");
    }
    Ok(())
}

/// The lines that are not as they were.
fn differences(budgets: &str, lines: &[String]) -> Vec<String> {
    let budgets: Vec<_> = budgets.lines().collect();
    (0..budgets.len().max(lines.len()))
        .map(|place| (budgets.get(place).copied(), lines.get(place).map(String::as_str)))
        .filter(|(budget, line)| budget != line)
        .map(|(budget, line)| {
            format!("budget   {}\nmeasured {}", budget.unwrap_or("-"), line.unwrap_or("-"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn a_budget_is_met_exactly_or_not_at_all() {
        let lines = ["M0 1000".to_owned(), "M4 900".to_owned()];
        assert!(differences("M0 1000\nM4 900\n", &lines).is_empty());
        assert_eq!(differences("M0 1001\nM4 900\n", &lines).len(), 1);
        assert_eq!(differences("M0 1000\n", &lines).len(), 1);
        assert_eq!(differences("M0 1000\nM4 900\nRV32 800\n", &lines).len(), 1);
    }
}
