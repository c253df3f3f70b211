use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::mutants::mutant::{Mutant, Outcomes};
use crate::workspace::root;

/// The mutants that no test can tell from what they replace, each below its reason.
pub(crate) const FILE: &str = "docs/mutants.md";

pub(super) struct Explained(Vec<Mutant>);

impl Explained {
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(FILE));
        Self::parse(&text.with_context(|| format!("cannot read {FILE}"))?)
    }

    /// A list of mutants, as they print, below a paragraph.
    fn parse(text: &str) -> Result<Self> {
        let mut mutants = Vec::new();
        let mut reason = false;
        for line in text.lines() {
            if line.starts_with('#') {
                reason = false;
            } else if line.starts_with("- `crates/") {
                ensure!(reason, "{FILE}: no reason stands above {line}");
                let parts: Vec<_> = line.split('`').collect();
                let [_, file, _, change, _, code, ""] = parts[..] else {
                    bail!("{FILE}: what is {line}?");
                };
                mutants.push(Mutant {
                    file: file.to_owned(),
                    change: change.to_owned(),
                    line: code.to_owned(),
                });
            } else if !line.trim().is_empty() {
                reason = true;
            }
        }
        Ok(Self(mutants))
    }

    /// The survivors that are not explained, and the explained mutants that do not survive.
    pub(super) fn judge(&self, package: &str, outcomes: &Outcomes) -> Vec<String> {
        let folder = format!("crates/{package}/");
        // Twins, on one line, need an explanation each.
        let mut left: Vec<_> = self.0.iter().filter(|it| it.file.starts_with(&folder)).collect();
        let mut faults = Vec::new();
        for (mutant, name) in &outcomes.survivors {
            match left.iter().position(|known| *known == mutant) {
                Some(place) => {
                    left.swap_remove(place);
                }
                None => faults.push(format!("survives, unexplained: {name}\n{mutant}")),
            }
        }
        left.sort_unstable();
        faults.extend(left.iter().map(|known| format!("explained, yet caught or gone:\n{known}")));
        faults
    }
}

/// The explained mutants whose line is gone from its file; `source` gives a file's text.
pub(crate) fn gone<'s>(
    text: &str,
    source: impl Fn(&str) -> Option<&'s str>,
) -> Result<Vec<String>> {
    let there = |mutant: &Mutant| {
        source(&mutant.file).is_some_and(|text| text.lines().any(|it| it.trim() == mutant.line))
    };
    let explained = Explained::parse(text)?.0;
    Ok(explained.iter().filter(|it| !there(it)).map(|it| format!("{FILE}: {it}")).collect())
}

#[cfg(test)]
mod tests {
    use super::{Explained, gone};
    use crate::mutants::mutant::{Mutant, Outcomes};

    const TEXT: &str = "# Title\n\n## Why\n\nIt is the same.\n\n- `crates/a/src/b.rs` `replace + with | in f` `a + b`\n";

    fn run(lines: &[&str]) -> Outcomes {
        let mutant = |line: &&str| {
            let (file, change) =
                ("crates/a/src/b.rs".to_owned(), "replace + with | in f".to_owned());
            (Mutant { file, change, line: (*line).to_owned() }, String::new())
        };
        Outcomes { survivors: lines.iter().map(mutant).collect(), ..Outcomes::default() }
    }

    #[test]
    fn a_survivor_must_be_explained_and_what_is_explained_must_survive() {
        let explained = Explained::parse(TEXT).unwrap();
        assert!(explained.judge("a", &run(&["a + b"])).is_empty());
        assert_eq!(explained.judge("a", &run(&["a + c"])).len(), 2);
        assert_eq!(explained.judge("a", &run(&["a + b", "a + b"])).len(), 1);
        assert_eq!(explained.judge("a", &run(&[])).len(), 1);
        // Another package's.
        assert!(explained.judge("b", &run(&[])).is_empty());
    }

    #[test]
    fn an_explanation_has_a_reason_and_a_form() {
        assert!(Explained::parse(&TEXT.replace("It is the same.", "")).is_err());
        assert!(Explained::parse(&TEXT.replace(" `a + b`", "")).is_err());
        assert!(Explained::parse(&TEXT.replace("a + b`", "a + b` because")).is_err());
    }

    #[test]
    fn an_explained_line_that_is_gone_is_found() {
        assert!(gone(TEXT, |_| Some("fn f() {\n    a + b\n}")).unwrap().is_empty());
        assert_eq!(gone(TEXT, |_| Some("fn f() { a + b }")).unwrap().len(), 1);
        assert_eq!(gone(TEXT, |_| None).unwrap().len(), 1);
    }
}
