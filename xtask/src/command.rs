use core::fmt;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::Path;
use std::process::{self, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::workspace::root;

/// A command of a step: printed, then run at the root of the workspace.
pub(crate) struct Command(process::Command);

impl Command {
    pub(crate) fn new(program: &str) -> Self {
        let mut command = process::Command::new(program);
        command.current_dir(root());
        Self(command)
    }

    /// A `cargo` command given as one line.
    pub(crate) fn cargo(line: &str) -> Self {
        Self::new("cargo").words(line)
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

    /// Prints the command, runs it, lets its output through and returns it: what it writes on
    /// standard output and on standard error, as the lines come, and whether it succeeded.
    pub(crate) fn watch(mut self) -> Result<(String, bool)> {
        self.announce();
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().with_context(|| format!("cannot run `{self}`"))?;
        let output: Box<dyn Read + Send> = Box::new(child.stdout.take().context("no output")?);
        let errors: Box<dyn Read + Send> = Box::new(child.stderr.take().context("no output")?);
        let seen = Mutex::new(String::new());
        thread::scope(|scope| {
            for stream in [output, errors] {
                let seen = &seen;
                scope.spawn(move || {
                    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                        let line = String::from_utf8_lossy(&line);
                        println!("{line}");
                        if let Ok(mut seen) = seen.lock() {
                            seen.push_str(&line);
                            seen.push('\n');
                        }
                    }
                });
            }
        });
        let status = child.wait().with_context(|| format!("cannot wait for `{self}`"))?;
        let seen = seen.into_inner().map_err(|_| anyhow!("a reader panicked"))?;
        Ok((seen, status.success()))
    }

    /// Runs the command without a word, with this text as its standard input.
    pub(crate) fn ask(mut self, input: &str) -> Result<process::Output> {
        self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().with_context(|| format!("cannot run `{self}`"))?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        // Whoever needs no input may close it early.
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
    fn what_is_watched_is_returned_from_both_streams() {
        let command = |script: &str| Command::new("sh").arg("-c").arg(script);
        let (seen, good) = command("echo one; echo two >&2; exit 3").watch().unwrap();
        assert!(!good && seen.contains("one\n") && seen.contains("two\n"));
        assert_eq!(command("printf last").watch().unwrap(), ("last\n".to_owned(), true));
        assert!(Command::new("no-such-program").watch().is_err());
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
