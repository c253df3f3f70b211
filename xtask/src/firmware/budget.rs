use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::emulator::{self, Board};
use super::image::Image;
use super::row::Row;
use super::{HASHES, built, figures, promise};
use crate::workspace::root;

/// The images that link a hash.
const HASHING: [&str; 5] = ["totp", "any-totp", "hotp", "verify", "floor"];
/// Those that link none.
const OTHERS: [&str; 2] = ["format", "counter"];

/// Weighs and counts the images of one build, less what the empty image takes.
pub(super) fn measure(board: &Board, profile: &str, level: &str, hashes: &str) -> Result<Vec<Row>> {
    let others = if hashes == HASHES[0] { OTHERS.as_slice() } else { &[] };
    let folder = built(board.target, profile, "");
    let hash = if hashes.contains(',') { "all" } else { hashes };
    let row = |name: &&str| {
        let hash = if OTHERS.contains(name) { "-" } else { hash };
        let row = weigh(board, &folder, name)?;
        Ok(Row { level: level.to_owned(), hash: hash.to_owned(), ..row })
    };
    HASHING.iter().chain(others).map(row).collect()
}

/// One image of a folder, less the empty one of the same build.
pub(super) fn weigh(board: &Board, folder: &Path, name: &str) -> Result<Row> {
    let take = |name: &str| -> Result<_> {
        let image = Image::read(&folder.join(name))?;
        ensure!(image.floats == 0, "{name} computes in floating point");
        let run = emulator::run(board, &folder.join(name), &image)?;
        Ok((image, run))
    };
    let ((empty, nothing), (image, run)) = (take("empty")?, take(name)?);
    Ok(Row {
        board: board.name.to_owned(),
        level: String::new(),
        hash: String::new(),
        image: name.to_owned(),
        flash: image.flash - empty.flash,
        ram: image.ram - empty.ram,
        stack: run.stack,
        instructions: run.instructions - nothing.instructions,
    })
}

/// Compares with the budgets and the figures that are checked in, to the byte and to the
/// instruction, or writes them.
pub(super) fn check(rows: &[Row], rebaseline: bool) -> Result<()> {
    let broken = promise::broken(rows);
    ensure!(broken.is_empty(), "more than is promised:\n{}", broken.join("\n"));
    let (budgets, docs) = (root().join("firmware/budgets.txt"), root().join("docs/firmware.md"));
    let lines: Vec<_> =
        [Row::TITLE.to_owned()].into_iter().chain(rows.iter().map(Row::to_string)).collect();
    let differences = differences(&fs::read_to_string(&budgets).unwrap_or_default(), &lines);
    for difference in &differences {
        println!("{difference}");
    }
    let text = fs::read_to_string(&docs).context("docs/firmware.md")?;
    let renewed = figures::renewed(&text, rows)?;
    if rebaseline {
        fs::write(&budgets, lines.join("\n") + "\n")?;
        fs::write(&docs, renewed)?;
        println!("{} budgets written, {} of them anew", rows.len(), differences.len());
    } else if !differences.is_empty() {
        bail!("budgets are not met exactly; if that is meant, add --rebaseline");
    } else if text != renewed {
        bail!("docs/firmware.md has other figures than the budgets; add --rebaseline");
    } else {
        println!("{} budgets met exactly", rows.len());
    }
    Ok(())
}

/// The lines that are not as they were, or have come or gone.
fn differences(budgets: &str, lines: &[String]) -> Vec<String> {
    // Board, level, hash and image.
    let name = |line: &str| line.get(..32).unwrap_or(line).to_owned();
    let old: Vec<_> = budgets.lines().collect();
    let gone = old.iter().filter(|old| !lines.iter().any(|line| name(line) == name(old)));
    let gone = gone.map(|old| format!("- {old}"));
    let changed = lines.iter().filter(|line| !old.contains(&line.as_str())).map(|line| {
        let old = old.iter().find(|old| name(old) == name(line));
        old.map_or_else(|| format!("+ {line}"), |old| format!("- {old}\n+ {line}"))
    });
    let mut all: Vec<_> = gone.chain(changed).collect();
    if all.is_empty() && old.len() != lines.len() {
        all.push("a line is there twice".to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn a_budget_is_met_exactly_or_not_at_all() {
        let line = |image: &str, flash: u32| format!("{image:<32}{flash}");
        let lines = [line("M0", 1000), line("M4", 900)];
        let file = |lines: &[String]| lines.join("\n") + "\n";
        assert!(differences(&file(&lines), &lines).is_empty());
        let changed = differences(&file(&[line("M0", 1001), line("M4", 900)]), &lines);
        assert_eq!(changed, [format!("- {}\n+ {}", line("M0", 1001), line("M0", 1000))]);
        assert_eq!(differences(&file(&lines[..1]), &lines), [format!("+ {}", lines[1])]);
        assert_eq!(differences(&file(&lines), &lines[..1]), [format!("- {}", lines[1])]);
        assert_eq!(differences(&file(&[lines[0].clone(), lines[0].clone()]), &lines[..1]).len(), 1);
    }
}
