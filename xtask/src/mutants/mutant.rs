use core::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::root;

/// A change of one line, without its place, so that lines above may come and go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mutant {
    pub(super) file: String,
    /// As cargo-mutants puts it: `replace + with - in f`.
    pub(super) change: String,
    /// The line that it changes, or the first of them.
    pub(super) line: String,
}

/// What a run of cargo-mutants left.
#[derive(Default)]
pub(super) struct Outcomes {
    pub(super) mutants: usize,
    /// Those that do not compile.
    pub(super) unviable: usize,
    /// Those that never ended, which is noticed.
    pub(super) stopped: usize,
    /// Those that the tests let pass, with the names that cargo-mutants has for them.
    pub(super) survivors: Vec<(Mutant, String)>,
}

impl Mutant {
    /// Reads one from cargo-mutants' JSON; `source` gives a file's text.
    fn read(value: &Value, source: impl Fn(&str) -> Result<String>) -> Result<(Self, String)> {
        let field = |name| value[name].as_str().with_context(|| format!("a mutant has no {name}"));
        let (file, name) = (field("file")?, field("name")?);
        let number = value.pointer("/span/start/line").and_then(Value::as_u64);
        let number = number.context("a mutant has no line")?;
        let place = usize::try_from(number)?.checked_sub(1).context("lines begin with 1")?;
        let text = source(file)?;
        let line = text.lines().nth(place).with_context(|| format!("{name}: no such line"))?;
        // `file:line:column: change`
        let change = name.splitn(4, ':').nth(3).with_context(|| format!("{name}: what?"))?;
        let mutant = Self {
            file: file.to_owned(),
            change: change.trim().to_owned(),
            line: line.trim().to_owned(),
        };
        Ok((mutant, name.to_owned()))
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "- `{}` `{}` `{}`", self.file, self.change, self.line)
    }
}

impl Outcomes {
    /// What the run left in its folder, finished and of the sources as they are now.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("mutants.out/outcomes.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cargo-mutants left no {}", path.display()))?;
        let source = |file: &str| {
            fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {file}"))
        };
        Self::parse(&serde_json::from_str(&text)?, source)
    }

    fn parse(run: &Value, source: impl Fn(&str) -> Result<String>) -> Result<Self> {
        ensure!(!run["end_time"].is_null(), "cargo-mutants was interrupted");
        let mut outcomes = Self::default();
        for outcome in run["outcomes"].as_array().context("no outcomes")? {
            let summary = outcome["summary"].as_str().context("an outcome has no summary")?;
            let mutant = outcome.pointer("/scenario/Mutant");
            outcomes.mutants += usize::from(mutant.is_some());
            match (summary, mutant) {
                ("Success", None) => {}
                ("CaughtMutant", Some(_)) => {}
                ("Timeout", Some(_)) => outcomes.stopped += 1,
                ("Unviable", Some(_)) => outcomes.unviable += 1,
                ("MissedMutant", Some(mutant)) => {
                    outcomes.survivors.push(Mutant::read(mutant, &source)?);
                }
                _ => bail!("the tests fail without a mutant, or worse: {summary}"),
            }
        }
        ensure!(outcomes.mutants > 0, "there was no mutant");
        Ok(outcomes)
    }
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mutants, unviable, stopped, survivors } = self;
        let survivors = survivors.len();
        let caught = mutants - unviable - survivors;
        write!(f, "{mutants} mutants: {caught} caught, {stopped} of them by the clock, ")?;
        write!(f, "{unviable} do not compile, {survivors} survive")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::Outcomes;

    pub(super) fn outcome(summary: &str, name: &str) -> Value {
        json!({ "summary": summary, "scenario": { "Mutant": {
            "file": "crates/a/src/b.rs", "name": name, "span": { "start": { "line": 2 } },
        } } })
    }

    fn parse(outcomes: &[Value], end: Option<&str>) -> anyhow::Result<Outcomes> {
        let run = json!({ "outcomes": outcomes, "end_time": end });
        Outcomes::parse(&run, |_| Ok("fn f() {\n    a + b\n}\n".to_owned()))
    }

    #[test]
    fn a_mutant_is_known_by_its_line() {
        let name = "crates/a/src/b.rs:2:7: replace + with - in A::f";
        let outcomes = [
            json!({ "summary": "Success", "scenario": "Baseline" }),
            outcome("CaughtMutant", name),
            outcome("Timeout", name),
            outcome("Unviable", name),
            outcome("MissedMutant", name),
        ];
        let run = parse(&outcomes, Some("2026")).unwrap();
        assert_eq!(
            run.to_string(),
            "4 mutants: 2 caught, 1 of them by the clock, 1 do not compile, 1 survive"
        );
        assert_eq!(
            run.survivors[0].0.to_string(),
            "- `crates/a/src/b.rs` `replace + with - in A::f` `a + b`"
        );
    }

    #[test]
    fn a_run_that_tells_nothing_is_an_error() {
        let mutant = |summary| outcome(summary, "f:2:1: x");
        let caught = [mutant("CaughtMutant")];
        assert!(parse(&caught, Some("2026")).is_ok());
        assert!(parse(&caught, None).is_err());
        assert!(parse(&[], Some("2026")).is_err());
        assert!(parse(&[mutant("Failure")], Some("2026")).is_err());
        assert!(parse(&[mutant("Success")], Some("2026")).is_err());
        assert!(parse(&[outcome("MissedMutant", "f:2:1 x")], Some("2026")).is_err());
    }
}
