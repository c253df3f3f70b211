use core::fmt;
use std::io::Write as _;
use std::path::Path;
use std::process::{self, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::root::root;

/// A command of a step: printed, then run at the root of the workspace.
pub(crate) struct Command(process::Command, Option<String>);

impl Command {
    pub(crate) fn new(program: &str) -> Self {
        let mut command = process::Command::new(program);
        command.current_dir(root());
        Self(command, None)
    }

    /// A `cargo` command given as one line.
    pub(crate) fn cargo(line: &str) -> Self {
        Self::new("cargo").words(line)
    }

    /// A line of a shell, of which no part may fail.
    pub(crate) fn shell(line: &str) -> Self {
        let mut command = Self::new("bash").words("-euo pipefail -c").arg(line);
        command.1 = Some(line.to_owned());
        command
    }

    /// Adds arguments that hold no white space.
    pub(crate) fn words(mut self, line: &str) -> Self {
        self.0.args(line.split_whitespace());
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    /// Another folder to run in.
    pub(crate) fn directory(mut self, path: &Path) -> Self {
        self.0.current_dir(path);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Prints the command, runs it and lets its output through.
    pub(crate) fn run(mut self) -> Result<()> {
        self.announce();
        let status = self.0.status().with_context(|| format!("cannot run `{self}`"))?;
        if status.success() { Ok(()) } else { bail!("`{self}` failed: {status}") }
    }

    /// Prints the command, runs it and returns what it writes on standard output.
    pub(crate) fn read(mut self) -> Result<String> {
        self.announce();
        self.0.stderr(Stdio::inherit());
        let output = self.0.output().with_context(|| format!("cannot run `{self}`"))?;
        if !output.status.success() {
            bail!("`{self}` failed: {}", output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs the command without a word, with this text as its standard input.
    pub(crate) fn ask(mut self, input: &str) -> Result<process::Output> {
        self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().with_context(|| format!("cannot run `{self}`"))?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        // A program that needs no input may close it early.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().with_context(|| format!("cannot wait for `{self}`"))
    }

    /// Prints the command and runs it: a control, which must fail and say why.
    pub(crate) fn fail(self, why: &str) -> Result<()> {
        let command = self.to_string();
        println!("$ {command}  # must fail");
        let output = self.ask("")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let failed = !output.status.success() && said.contains(why);
        ensure!(failed, "`{command}` must fail, and say {why:?}:\n{said}");
        Ok(())
    }

    fn announce(&self) {
        println!("$ {self}");
    }
}

/// The command as one would type it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = &self.1 {
            return f.write_str(line);
        }
        for (name, value) in self.0.get_envs() {
            let value = value.unwrap_or_default().to_string_lossy();
            write!(f, "{}={} ", name.to_string_lossy(), quoted(&value))?;
        }
        f.write_str(&quoted(&self.0.get_program().to_string_lossy()))?;
        for argument in self.0.get_args() {
            write!(f, " {}", quoted(&argument.to_string_lossy()))?;
        }
        Ok(())
    }
}

fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_=+./:,@%".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn a_command_prints_as_it_is_typed() {
        let command =
            Command::cargo("doc --no-deps").arg("it's").env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            command.to_string(),
            r"RUSTDOCFLAGS='-D warnings' cargo doc --no-deps 'it'\''s'"
        );
    }

    #[test]
    fn a_control_must_fail_for_its_reason() {
        let control = |script: &str| Command::new("sh").arg("-c").arg(script).fail("why");
        assert!(control("echo so: why >&2; exit 1").is_ok());
        assert!(control("echo so: why >&2").is_err());
        assert!(control("echo another >&2; exit 1").is_err());
    }

    #[test]
    fn a_command_that_fails_or_does_not_exist_is_an_error() {
        assert!(Command::new("true").run().is_ok());
        assert!(Command::new("false").run().is_err());
        assert!(Command::new("no-such-program").run().is_err());
        assert!(Command::new("no-such-program").ask("").is_err());
        assert!(Command::new("no-such-program").read().is_err());
    }
}
