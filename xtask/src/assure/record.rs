use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
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
    pub(super) toolchain: String,
    pub(super) good: bool,
    pub(super) seconds: u64,
    pub(super) figures: Vec<String>,
}

impl Record {
    /// Runs a check.
    pub(super) fn of(check: &Check) -> Result<Self> {
        let date = Command::new("date").words("-u +%Y-%m-%d").read()?.trim().to_owned();
        let stable = Command::new("rustc").arg("--version").read()?;
        let nightly = Command::new("rustup").words("run nightly rustc --version").read();
        let nightly = nightly.unwrap_or_else(|_| "no nightly".to_owned());
        let toolchain = format!("{} ({})", stable.trim(), nightly.trim());
        let begun = Instant::now();
        let (program, rest) = check.command.split_once(' ').unwrap_or((check.command, ""));
        let (output, good) = Command::new(program).words(rest).watch()?;
        let figures = check.figures_in(&output);
        ensure!(!good || !figures.is_empty(), "`{}` says no figures", check.command);
        Ok(Self { date, toolchain, good, seconds: begun.elapsed().as_secs(), figures })
    }

    pub(super) fn result(&self) -> String {
        let result = if self.good { "holds" } else { "**FAILS**" };
        format!("{result}, {}, {} s", self.date, self.seconds)
    }

    fn to_json(&self) -> Value {
        let Self { date, toolchain, good, seconds, figures } = self;
        json!({
            "date": date, "toolchain": toolchain, "good": good, "seconds": seconds,
            "figures": figures,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        let figures = value.get("figures")?.as_array()?.iter();
        Some(Self {
            date: text("date")?,
            toolchain: text("toolchain")?,
            good: value.get("good")?.as_bool()?,
            seconds: value.get("seconds")?.as_u64()?,
            figures: figures.map(|it| it.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }
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
        let records = value.as_object().context("no records of assurance")?.iter().map(
            |(command, record)| {
                let record = Record::from_json(record).context("no record of assurance")?;
                Ok((command.clone(), record))
            },
        );
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
    use super::{Record, Records};

    #[test]
    fn records_are_read_as_they_were_written() {
        let record = Record {
            date: "2026-01-02".to_owned(),
            toolchain: "rustc 1".to_owned(),
            good: true,
            seconds: 7,
            figures: vec!["a".to_owned(), "\"b\"".to_owned()],
        };
        let records = Records([("cargo x".to_owned(), record)].into());
        assert_eq!(Records::parse(&records.text().unwrap()).unwrap(), records);
        assert!(Records::parse("{\"cargo x\": {\"good\": 1}}").is_err());
        assert!(Records::parse("[]").is_err());
    }
}
