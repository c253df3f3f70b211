//! Everything in docs/performance.md that was measured.

mod plot;
mod row;
mod table;

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::bench::row::Row;
use crate::bench::table::Table;
use crate::command::Command;
use crate::workspace::{Workspace, root};

const DOCUMENT: &str = "docs/performance.md";
const PLOT: &str = "docs/performance.svg";

/// The tables of the document by the names of their markers: which groups, and what is told.
const TABLES: &[(&str, &str, Table)] = &[
    ("generate", "generate", Table::Time),
    ("chain", "chain", Table::Time),
    ("build", "build", Table::Time),
    ("wrong", "verify, wrong code", Table::Time),
    ("right", "verify, right code", Table::Time),
    ("look-ahead", "look-ahead of 100", Table::Time),
    ("read", "read a URI", Table::Time),
    ("resync", "resync over 10^6", Table::Speed),
    ("accounts", "1,024 accounts", Table::Speed),
];

/// Measures this project beside others and rewrites the tables and the plot, of which those stay
/// that nothing was measured for; the arguments go to the program that measures.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    let target = workspace.target.join("peers");
    let target = target.to_str().context("a path that is no text")?;
    let words = arguments.rest();
    let peers = |program: &str, features: &str| {
        let command = Command::cargo("run --release --locked --manifest-path")
            .words(&format!("benches/peers/Cargo.toml {features} --bin {program} --target-dir"));
        command.arg(target)
    };
    let time = |command: Command| -> Result<Vec<Row>> {
        Row::read_all(&words.iter().fold(command.arg("--"), Command::arg).read()?)
    };

    let mut rows = time(peers("time", ""))?;
    let mut counts = Row::read_all(&peers("allocations", "").read()?)?;
    // A build of its own: its features would slow the others down.
    rows.extend(time(peers("time", "--features totp-rfc"))?);
    counts.extend(Row::read_all(&peers("allocations", "--features totp-rfc").read()?)?);
    ensure!(!rows.is_empty(), "nothing was measured");
    let native = if rows.iter().any(|row| row.group == "generate") {
        let native = peers("time", "").env("RUSTFLAGS", "-Ctarget-cpu=native");
        Row::read_all(&native.words("-- generate").read()?)?
    } else {
        Vec::new()
    };

    let path = root().join(DOCUMENT);
    let mut text = fs::read_to_string(&path)?;
    for (marker, group, table) in TABLES {
        if rows.iter().any(|row| row.group == *group) {
            text = replaced(&text, marker, &table.of(group, &rows, &counts))?;
        }
    }
    if !native.is_empty() {
        text = replaced(&text, "native", &Table::Time.of("generate", &native, &[]))?;
    }
    fs::write(&path, text)?;
    if plot::is_measured(&rows) {
        fs::write(root().join(PLOT), plot::draw(&rows))?;
    }
    println!("{DOCUMENT} and {PLOT} are rewritten where something was measured");
    Ok(())
}

/// The text with other lines between `<!-- NAME -->` and the next `<!-- end -->`.
fn replaced(text: &str, name: &str, lines: &str) -> Result<String> {
    let marker = format!("<!-- {name} -->\n");
    let found = text.split_once(&marker).and_then(|(before, rest)| {
        let (_, after) = rest.split_once("<!-- end -->")?;
        Some(format!("{before}{marker}{lines}<!-- end -->{after}"))
    });
    found.with_context(|| format!("{DOCUMENT} has no place for {name}"))
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, TABLES, replaced};
    use crate::workspace::root;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let text = "a\n<!-- x -->\nold\n<!-- end -->\nb\n<!-- y -->\n<!-- end -->\n";
        let new = "a\n<!-- x -->\nnew\n<!-- end -->\nb\n<!-- y -->\n<!-- end -->\n";
        assert_eq!(replaced(text, "x", "new\n").unwrap(), new);
        assert!(replaced(text, "z", "new\n").is_err());
        assert!(replaced("<!-- x -->\nold\n", "x", "new\n").is_err());
    }

    #[test]
    fn the_document_has_a_place_for_every_table() {
        let text = std::fs::read_to_string(root().join(DOCUMENT)).unwrap();
        for (marker, ..) in TABLES {
            assert!(replaced(&text, marker, "").is_ok(), "{marker}");
        }
        assert!(replaced(&text, "native", "").is_ok());
    }
}
