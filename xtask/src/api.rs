//! What each library shows to others, checked in, so that a change of it shows in review.

mod listing;

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::workspace::{Workspace, root};

/// Where the listings are.
const FOLDER: &str = "docs/api";
/// The one published crate that is a program.
const PROGRAM: &str = "otp-cli";

/// Compares each library's listing with its sources; with `--bless`, writes it.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let bless = arguments.flag("--bless");
    arguments.end()?;
    let libraries = workspace.members.iter().filter(|it| it.rust_version.is_some());
    let mut stale = Vec::new();
    for name in libraries.map(|member| member.name.as_str()).filter(|name| *name != PROGRAM) {
        let library = root().join("crates").join(name).join("src/lib.rs");
        let listing = listing::of(&library).with_context(|| format!("cannot list {name}"))?;
        let file = format!("{FOLDER}/{name}.txt");
        let path = root().join(&file);
        if bless {
            fs::create_dir_all(root().join(FOLDER))?;
            fs::write(&path, &listing).with_context(|| format!("cannot write {file}"))?;
            continue;
        }
        let old = fs::read_to_string(&path).unwrap_or_default();
        match change(&old, &listing) {
            None => println!("{file}: {} lines, as the sources have it", listing.lines().count()),
            Some(change) => {
                println!("{file} differs from the sources first at {change}");
                stale.push(file);
            }
        }
    }
    ensure!(
        stale.is_empty(),
        "stale: {}; if the change is meant, run `cargo xtask api --bless` and review what it writes",
        stale.join(", ")
    );
    Ok(())
}

/// The first line that differs.
fn change(old: &str, new: &str) -> Option<String> {
    let (mut old, mut new, mut number) = (old.lines(), new.lines(), 0);
    loop {
        number += 1;
        match (old.next(), new.next()) {
            (None, None) => return None,
            (Some(old), Some(new)) if old == new => {}
            (old, new) => {
                let [old, new] = [old, new].map(|it| it.unwrap_or("the end").trim());
                return Some(format!("line {number}: was `{old}`, is `{new}`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn the_first_line_that_differs_is_found() {
        assert_eq!(change("a\nb\n", "a\nb\n"), None);
        assert_eq!(change("a\nb\n", "a\nc\n").as_deref(), Some("line 2: was `b`, is `c`"));
        assert_eq!(change("a\n", "a\nb\n").as_deref(), Some("line 2: was `the end`, is `b`"));
        assert!(change("a\nb\n", "a\n").is_some());
        assert!(change("", "a\n").is_some());
    }
}
