use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::beside;
use crate::command::Command;
use crate::install;
use crate::workspace::{Workspace, root};

/// What the published crates and their tests are built of.
const PARTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "crates", "docs"];
/// The member that stays behind: whoever uses a crate never builds it.
const LEFT_OUT: &str = ", \"xtask\"";

/// A requirement, and the same below what another dependency needs.
const CONTROL: (&str, &str) = ("percent-encoding = \"2.3.2\"", "percent-encoding = \"2.3.0\"");

/// Builds the published crates with the oldest version of each dependency that they name, and runs
/// the tests of the SQLite store with them: SQLite is the one that programs choose.
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
    let manifest = copy.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).context("no Cargo.toml")?;
    ensure!(text.contains(LEFT_OUT), "Cargo.toml has no member xtask");
    let manifest = |text: &str| fs::write(&manifest, text).context("cannot write Cargo.toml");
    let update = || Command::cargo("+nightly update -Z direct-minimal-versions").directory(&copy);
    let text = text.replace(LEFT_OUT, "");
    let (right, low) = CONTROL;
    ensure!(text.contains(right), "Cargo.toml has no {right}");
    manifest(&text.replace(right, low))?;
    update().fail("percent-encoding")?;
    println!("control: {low} is too low, and refused");
    manifest(&text)?;
    update().run()?;
    let published = workspace.members.iter().filter(|member| member.rust_version.is_some());
    let packages: String = published.map(|member| format!(" -p {}", member.name)).collect();
    let target = workspace.target.join("minimal-target");
    let cargo = |line: &str| {
        Command::cargo(line).directory(&copy).arg("--locked").arg("--target-dir").arg(&target)
    };
    cargo(&format!("check{packages} --all-features")).run()?;
    println!("with the oldest dependencies that they allow the published crates build");
    cargo("test -p otp-store --lib --tests").run()?;
    let lock = fs::read_to_string(copy.join("Cargo.lock")).context("no Cargo.lock")?;
    let rusqlite = beside::version(&lock, "rusqlite").context("no rusqlite")?;
    println!("with the oldest dependencies, rusqlite {rusqlite} among them, its tests pass");
    Ok(())
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
