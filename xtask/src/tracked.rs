use std::fs;

use anyhow::{Context, Result};

use crate::command::Command;
use crate::root::root;

/// Returns the path and the text of each file that git tracks, or would, and that matches a pattern. A
/// link has its text elsewhere, so it is left out, and so is a file that is deleted and not committed.
pub(crate) fn files(patterns: &str) -> Result<Vec<(String, String)>> {
    let git = format!("ls-files --cached --others --exclude-standard {patterns}");
    let list = Command::new("git").words(&git).read()?;
    let is_file = |path: &&str| root().join(path).symlink_metadata().is_ok_and(|it| it.is_file());
    let file = |path: &str| {
        let text = fs::read_to_string(root().join(path));
        Ok((path.to_owned(), text.with_context(|| format!("cannot read {path}"))?))
    };
    list.lines().filter(is_file).map(file).collect()
}
