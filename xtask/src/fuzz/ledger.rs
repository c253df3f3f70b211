use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::root;

const TITLE: &str = "target inputs seconds";

/// How long each target has been fuzzed, all in all, by everybody who kept the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger(pub(crate) BTreeMap<String, Effort>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) inputs: u64,
    pub(crate) seconds: u64,
}

impl Effort {
    /// Whether it was 20 inputs a second, a tenth of what the slowest target makes of a free machine.
    pub(crate) fn is_worthwhile(self) -> bool {
        self.inputs >= 20 * self.seconds
    }
}

impl Ledger {
    pub(crate) fn read() -> Result<Self> {
        let text = fs::read_to_string(path()).context("cannot read fuzz/ledger.txt")?;
        Self::parse(&text)
    }

    pub(crate) fn write(&self) -> Result<()> {
        fs::write(path(), self.text()).context("cannot write fuzz/ledger.txt")
    }

    /// Adds what libFuzzer says at its end, `Done 123 runs in 60 second(s)`, and returns it.
    pub(crate) fn add(&mut self, target: &str, output: &str) -> Result<Effort> {
        let done = output.lines().rev().find_map(|line| line.split_once("Done "));
        let (_, done) = done.context("libFuzzer does not say how much it did")?;
        let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
        let mut words = done.split_whitespace();
        let inputs = number(words.next()).context("no number of inputs")?;
        let seconds = number(words.nth(2)).context("no number of seconds")?;
        let total = self.0.entry(target.to_owned()).or_default();
        total.inputs += inputs;
        total.seconds += seconds;
        Ok(Effort { inputs, seconds })
    }

    fn parse(text: &str) -> Result<Self> {
        let line = |line: &str| {
            let mut words = line.split_whitespace();
            let target = words.next().context("no target")?;
            let mut number = || words.next().context("no number")?.parse().context("no number");
            Ok((target.to_owned(), Effort { inputs: number()?, seconds: number()? }))
        };
        text.lines().skip(1).map(line).collect::<Result<_>>().map(Self)
    }

    fn text(&self) -> String {
        let line = |(target, effort): (&String, &Effort)| {
            format!("{target} {} {}\n", effort.inputs, effort.seconds)
        };
        format!("{TITLE}\n{}", self.0.iter().map(line).collect::<String>())
    }
}

fn path() -> PathBuf {
    root().join("fuzz/ledger.txt")
}

#[cfg(test)]
mod tests {
    use super::{Effort, Ledger};

    #[test]
    fn efforts_add_up_and_are_read_as_they_were_written() {
        let mut ledger = Ledger::default();
        ledger.add("codes", "x\nDone 100 runs in 60 second(s)\nstat::x: 1").unwrap();
        let effort = ledger.add("codes", "Done 20 runs in 5 second(s)").unwrap();
        assert_eq!(effort, Effort { inputs: 20, seconds: 5 });
        assert_eq!(ledger.0["codes"], Effort { inputs: 120, seconds: 65 });
        assert_eq!(Ledger::parse(&ledger.text()).unwrap(), ledger);
        assert!(ledger.add("codes", "crash").is_err());
        assert!(ledger.add("codes", "Done many runs").is_err());
        assert!(Ledger::parse("title\ncodes x 1\n").is_err());
    }

    #[test]
    fn a_target_that_crawls_is_not_worthwhile() {
        assert!(Effort { inputs: 1200, seconds: 60 }.is_worthwhile());
        assert!(!Effort { inputs: 780, seconds: 60 }.is_worthwhile());
    }
}
