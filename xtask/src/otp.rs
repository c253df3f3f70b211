use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::command::Command;
use crate::workspace::Workspace;

/// The built command.
pub(crate) struct Otp(PathBuf);

/// What the command said.
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) object: Value,
    /// How to ask again.
    pub(crate) line: String,
}

impl Otp {
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        Command::cargo("build --locked -p otp-cli").run()?;
        let path = workspace.target.join("debug").join("otp");
        ensure!(path.is_file(), "there is no {}", path.display());
        Ok(Self(path))
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.0.parent().map(PathBuf::from).unwrap_or_default()
    }

    /// Asks for one JSON object.
    pub(crate) fn ask(&self, line: &str, input: &str) -> Result<Answer> {
        let output = self.command().words(line).arg("--json").ask(input)?;
        let line = format!("echo '{input}' | otp {line} --json");
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        let Some(status) = output.status.code() else { bail!("{line}: {}", output.status) };
        let object = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`{line}` gave no JSON object\n{}", said()))?;
        Ok(Answer { status, object, line })
    }

    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0.to_string_lossy())
    }
}

impl Answer {
    /// Refuses another value in a field.
    pub(crate) fn expect(&self, field: &str, value: impl Into<Value>) -> Result<()> {
        let (found, value) = (self.object.get(field).unwrap_or(&Value::Null), value.into());
        ensure!(*found == value, "`{}`: {field} is {found}, not {value}", self.line);
        Ok(())
    }

    /// Refuses another exit status.
    pub(crate) fn expect_status(&self, status: i32) -> Result<()> {
        let (found, object) = (self.status, &self.object);
        ensure!(found == status, "`{}`: exit status {found}, not {status}; {object}", self.line);
        Ok(())
    }
}
