use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::check::{CHECKS, Check};
use crate::command::Command;
use crate::workspace::root;

/// What the last run of each check found, by its command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records(pub(super) BTreeMap<String, Record>);

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) date: String,
    /// What was checked: a short hash, and whether files differed from it.
    pub(super) commit: String,
    pub(super) toolchain: String,
    pub(super) good: bool,
    pub(super) seconds: u64,
    pub(super) figures: Vec<String>,
}

impl Record {
    /// Runs a check.
    pub(super) fn of(check: &Check) -> Result<Self> {
        let date = Command::new("date").words("-u +%Y-%m-%d").read()?.trim().to_owned();
        let commit = commit()?;
        let stable = Command::new("rustc").arg("--version").read()?;
        let nightly = Command::new("rustup").words("run nightly rustc --version").read();
        let nightly = nightly.unwrap_or_else(|_| "no nightly".to_owned());
        let toolchain = format!("{} ({})", stable.trim(), nightly.trim());
        let begun = Instant::now();
        let (program, rest) = check.command.split_once(' ').unwrap_or((check.command, ""));
        let (output, succeeds) = Command::new(program).words(rest).watch()?;
        let (good, figures) = judged(succeeds, check.figures_in(&output));
        let seconds = begun.elapsed().as_secs();
        Ok(Self { date, commit, toolchain, good, seconds, figures })
    }

    pub(super) fn result(&self) -> String {
        let result = if self.good { "holds" } else { "**FAILS**" };
        format!("{result}, {}, {}, {} s", self.date, self.commit, self.seconds)
    }

    fn to_json(&self) -> Value {
        let Self { date, commit, toolchain, good, seconds, figures } = self;
        json!({
            "date": date, "commit": commit, "toolchain": toolchain, "good": good,
            "seconds": seconds, "figures": figures,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        let figures = value.get("figures")?.as_array()?.iter();
        Some(Self {
            date: text("date")?,
            commit: text("commit")?,
            toolchain: text("toolchain")?,
            good: value.get("good")?.as_bool()?,
            seconds: value.get("seconds")?.as_u64()?,
            figures: figures.map(|it| it.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }
}

/// Whether a promise holds by a run with these figures, and what is to be shown. One that succeeds
/// without a figure shows nothing.
fn judged(succeeds: bool, mut figures: Vec<String>) -> (bool, Vec<String>) {
    let good = succeeds && !figures.is_empty() && !nothing_ran(&figures);
    if figures.is_empty() {
        let says = if succeeds { "succeeds" } else { "fails" };
        figures.push(format!("it {says} without a figure, so it shows nothing"));
    }
    (good, figures)
}

/// Whether a run of tests found none to run: a filter or a feature has left them out.
fn nothing_ran(figures: &[String]) -> bool {
    figures.iter().any(|line| line.starts_with("test result:") && line.contains(". 0 passed;"))
}

/// The short hash of what is checked out. What the checks themselves write is no change.
fn commit() -> Result<String> {
    let git = |line| Command::new("git").words(line).read().map(|it| it.trim().to_owned());
    let hash = git("rev-parse --short HEAD")?;
    let written = ":!docs/assurance.md :!docs/assurance.json :!fuzz/ledger.txt";
    let changed = git(&format!("status --porcelain -- {written}"))?;
    Ok(if changed.is_empty() { hash } else { format!("{hash} and changes") })
}

impl Records {
    pub(super) fn read() -> Result<Self> {
        match fs::read_to_string(path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            text => Self::parse(&text.context("cannot read the records of assurance")?),
        }
    }

    /// Keeps those of checks that there are.
    pub(super) fn write(&mut self) -> Result<()> {
        self.0.retain(|command, _| CHECKS.iter().any(|check| check.command == command));
        fs::write(path(), self.text()?).context("cannot write the records of assurance")
    }

    fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let records = value.as_object().context("no records of assurance")?.iter();
        // Old ones do not say of which commit they are, so they say nothing.
        let records = records.filter(|(_, record)| record.get("commit").is_some());
        let records = records.map(|(command, record)| {
            let record = Record::from_json(record).context("no record of assurance")?;
            Ok((command.clone(), record))
        });
        records.collect::<Result<_>>().map(Self)
    }

    fn text(&self) -> Result<String> {
        let records = self.0.iter().map(|(command, record)| (command.clone(), record.to_json()));
        let records = Value::Object(records.collect());
        Ok(serde_json::to_string_pretty(&records)? + "\n")
    }
}

fn path() -> PathBuf {
    root().join("docs/assurance.json")
}

#[cfg(test)]
mod tests {
    use super::{Record, Records, judged, nothing_ran};

    #[test]
    fn a_run_without_a_test_shows_nothing() {
        let line = |passed: u32| format!("test result: ok. {passed} passed; 0 failed; 0 ignored");
        assert!(nothing_ran(&[line(3), line(0)]));
        assert!(!nothing_ran(&[line(3), line(10)]));
        assert!(!nothing_ran(&["| race | 0 passed".to_owned()]));
    }

    #[test]
    fn a_success_without_a_figure_does_not_hold_and_is_kept() {
        let figure = || vec!["test a ... ok".to_owned()];
        assert_eq!(judged(true, figure()), (true, figure()));
        assert_eq!(judged(false, figure()), (false, figure()));
        let (good, figures) = judged(true, Vec::new());
        assert!(!good && figures == ["it succeeds without a figure, so it shows nothing"]);
        let (good, figures) = judged(false, Vec::new());
        assert!(!good && figures == ["it fails without a figure, so it shows nothing"]);
        let none = vec!["test result: ok. 0 passed; 0 failed".to_owned()];
        assert_eq!(judged(true, none.clone()), (false, none));
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let record = Record {
            date: "2026-01-02".to_owned(),
            commit: "abc1234".to_owned(),
            toolchain: "rustc 1".to_owned(),
            good: true,
            seconds: 7,
            figures: vec!["a".to_owned(), "\"b\"".to_owned()],
        };
        assert_eq!(record.result(), "holds, 2026-01-02, abc1234, 7 s");
        let records = Records([("cargo x".to_owned(), record)].into());
        let text = records.text().unwrap();
        assert_eq!(Records::parse(&text).unwrap(), records);
        let old = text.replace("\"commit\"", "\"hash\"");
        assert_eq!(Records::parse(&old).unwrap(), Records::default());
        assert!(Records::parse("{\"cargo x\": {\"commit\": 1}}").is_err());
        assert!(Records::parse("[]").is_err());
    }
}
