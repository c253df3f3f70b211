use std::path::PathBuf;
use std::process::{self, Child, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::Command;

/// The program `stress`.
pub struct Trials(PathBuf);

impl Trials {
    /// Returns the program that was built beside this one.
    pub fn built() -> Result<Self> {
        let trials = std::env::current_exe()?.with_file_name("stress");
        ensure!(trials.exists(), "there is no {}", trials.display());
        Ok(Self(trials))
    }

    /// Runs a trial to its end, and returns the rows that it prints.
    pub fn run(&self, trial: &str, url: &str, words: &str) -> Result<Vec<Value>> {
        let program = self.0.to_str().context("a path is not UTF-8")?;
        let output = Command::new(program).arg(trial).arg(url).words(words).read()?;
        let rows = output.lines().map(|line| {
            println!("{line}");
            serde_json::from_str(line).with_context(|| format!("a trial prints {line}"))
        });
        let rows = rows.collect::<Result<Vec<Value>>>()?;
        ensure!(!rows.is_empty(), "a trial prints nothing");
        Ok(rows)
    }

    /// Starts a trial to be killed, without printing the command.
    pub fn spawn(&self, trial: &str, url: &str, words: &[&str]) -> Result<Child> {
        let mut command = process::Command::new(&self.0);
        command.arg(trial).arg(url).args(words);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().context("cannot run a trial")
    }

    /// Runs a trial without printing the command, and returns its row.
    pub fn ask(&self, trial: &str, url: &str, words: &[&str]) -> Result<Value> {
        let mut command = process::Command::new(&self.0);
        let output = command.arg(trial).arg(url).args(words).output()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "{trial} failed: {text}");
        serde_json::from_slice(&output.stdout).context("a trial prints no JSON")
    }
}
