use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::Command;

/// The crates with the strictest promises. You may depend on any one of them.
pub(crate) const HEART: [&str; 4] = ["otp-core", "otp-uri", "otp-context", "otp-serde"];

/// What the manifests say.
pub(crate) struct Workspace {
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) name: String,
    /// The crates it needs when it is used, not when it is tested.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self> {
        let output = Command::cargo("metadata --no-deps --format-version 1").ask("")?;
        let metadata: Value = serde_json::from_slice(&output.stdout).with_context(|| {
            format!("cargo metadata failed\n{}", String::from_utf8_lossy(&output.stderr))
        })?;
        let target = text(&metadata, "target_directory").context("no target directory")?.into();
        let members = list(&metadata, "packages").map(Member::read).collect::<Result<_>>()?;
        Ok(Self { target, members })
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

impl Member {
    fn read(package: &Value) -> Result<Self> {
        Ok(Self {
            name: text(package, "name").context("a package without a name")?.to_owned(),
            dependencies: list(package, "dependencies")
                .filter(|dependency| dependency.get("kind").is_none_or(Value::is_null))
                .filter_map(|dependency| text(dependency, "name"))
                .map(str::to_owned)
                .collect(),
        })
    }
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

fn list<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}
