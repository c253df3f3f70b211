use anyhow::{Context, Result};

use crate::invariants::Findings;
use crate::invariants::tree::Tree;
use crate::mutants::{self, FILE};

/// Explained mutants of lines that are gone.
pub(super) fn gone(tree: &Tree) -> Result<Findings> {
    let file = tree.file(FILE).with_context(|| format!("there is no {FILE}"))?;
    mutants::gone(&file.text, |path| tree.file(path).map(|file| file.text.as_str()))
}
