use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::{Workspace, root};

/// What the workspace is built of.
const PARTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "crates", "xtask"];

/// Builds the published crates with the oldest version of each dependency that they allow.
///
/// It happens in a copy, since it rewrites `Cargo.lock`.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    install::nightly(None)?;
    let copy = workspace.target.join("minimal");
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy).with_context(|| format!("cannot make {}", copy.display()))?;
    for part in PARTS {
        copy_all(&root().join(part), &copy.join(part))?;
    }
    Command::cargo("+nightly update -Z direct-minimal-versions").directory(&copy).run()?;
    let published = workspace.members.iter().filter(|member| member.rust_version.is_some());
    let packages: String = published.map(|member| format!(" -p {}", member.name)).collect();
    Command::cargo(&format!("check{packages} --all-features --locked"))
        .directory(&copy)
        .arg("--target-dir")
        .arg(workspace.target.join("minimal-target"))
        .run()
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    let problem = || format!("cannot copy {}", from.display());
    if !from.is_dir() {
        fs::copy(from, to).with_context(problem)?;
        return Ok(());
    }
    fs::create_dir_all(to).with_context(problem)?;
    for entry in fs::read_dir(from).with_context(problem)? {
        let name = entry?.file_name();
        copy_all(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
