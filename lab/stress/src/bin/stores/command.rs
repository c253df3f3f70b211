use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{self, Stdio};

use anyhow::{Context, Result, ensure};

/// The root of the workspace, where commands run.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A command that is printed before it runs.
pub struct Command(process::Command);

impl Command {
    pub fn new(program: &str) -> Self {
        let mut command = process::Command::new(program);
        command.current_dir(ROOT);
        Self(command)
    }

    /// Adds arguments without white space.
    pub fn words(mut self, line: &str) -> Self {
        self.0.args(line.split_whitespace());
        self
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    /// Sets the folder to run in.
    pub fn directory(mut self, path: &Path) -> Self {
        self.0.current_dir(path);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Prints the command, runs it and passes its output through.
    pub fn run(mut self) -> Result<()> {
        println!("$ {}", self.line());
        let status = self.0.status().with_context(|| format!("cannot run `{}`", self.line()))?;
        ensure!(status.success(), "`{}` failed: {status}", self.line());
        Ok(())
    }

    /// Prints the command, runs it and returns what it writes on standard output.
    pub fn read(mut self) -> Result<String> {
        println!("$ {}", self.line());
        self.0.stderr(Stdio::inherit());
        let output = self.0.output().with_context(|| format!("cannot run `{}`", self.line()))?;
        ensure!(output.status.success(), "`{}` failed: {}", self.line(), output.status);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs the command without printing it, with this text as its standard input.
    pub fn ask(mut self, input: &str) -> Result<process::Output> {
        self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().with_context(|| format!("cannot run `{}`", self.line()))?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        // A program without input may close it early.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().with_context(|| format!("cannot wait for `{}`", self.line()))
    }

    fn line(&self) -> String {
        let words = [self.0.get_program()].into_iter().chain(self.0.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }
}
