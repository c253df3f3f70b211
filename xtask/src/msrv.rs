use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Builds each published crate with the oldest Rust that its manifest names.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let versions = versions(workspace);
    ensure!(!versions.is_empty(), "no manifest names a Rust version");
    for (version, crates) in versions {
        // `1.88` would mean the newest patch release of it.
        let toolchain =
            if version.matches('.').count() == 1 { format!("{version}.0") } else { version };
        let installed = Command::new("rustup").words("toolchain list").read()?;
        if !installed.lines().any(|line| line.starts_with(&format!("{toolchain}-"))) {
            Command::new("rustup")
                .words("toolchain install --profile minimal --no-self-update")
                .arg(&toolchain)
                .run()?;
        }
        let crates: String = crates.iter().map(|name| format!(" -p {name}")).collect();
        Command::cargo(&format!("+{toolchain} check{crates} --all-features --locked")).run()?;
    }
    Ok(())
}

fn versions(workspace: &Workspace) -> BTreeMap<String, Vec<String>> {
    let mut versions = BTreeMap::<_, Vec<_>>::new();
    for member in &workspace.members {
        if let Some(version) = &member.rust_version {
            versions.entry(version.clone()).or_default().push(member.name.clone());
        }
    }
    versions
}
