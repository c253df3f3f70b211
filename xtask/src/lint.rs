use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Workspaces of their own, all of whose packages are for this machine.
const WORKSPACES: [&str; 4] = ["fuzz", "trials", "examples/login", "benches/peers"];
/// What only an optimised build can show.
const PROOFS: &str = "--manifest-path proofs/Cargo.toml -p no-panic-proof -p timing -p undefined";
/// What is read as machine code of this processor, and builds for no other kind.
const COMPARE: &str = "--manifest-path proofs/Cargo.toml -p compare --target thumbv7em-none-eabihf";
/// What has something to find.
const CONTROL: &str = "--manifest-path proofs/Cargo.toml -p undefined";

/// Checks the formatting of every workspace; `firmware` checks its own.
pub(crate) fn fmt(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("fmt --all --check").run()?;
    for workspace in WORKSPACES {
        Command::cargo(&format!("fmt --manifest-path {workspace}/Cargo.toml --check")).run()?;
    }
    Command::cargo(&format!("fmt {PROOFS} -p compare --check")).run()
}

/// Runs clippy on what is built in most checks, or with `--all` on every workspace but the firmware's; a
/// warning is an error.
pub(crate) fn clippy(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let all = arguments.flag("--all");
    arguments.end()?;
    let clippy = |line: &str| clippy_on(workspace, line, "").run();
    clippy("--workspace --all-targets --all-features")?;
    for workspace in WORKSPACES.into_iter().filter(|name| all || *name == "fuzz") {
        clippy(&format!("--manifest-path {workspace}/Cargo.toml --all-targets"))?;
    }
    clippy(&format!("{PROOFS} --all-targets"))?;
    if !all {
        return Ok(());
    }
    Command::new("rustup").words("target add thumbv7em-none-eabihf").run()?;
    clippy(COMPARE)?;
    control(workspace)
}

fn clippy_on(workspace: &Workspace, line: &str, lints: &str) -> Command {
    // One folder: they have most dependencies in common.
    Command::cargo(&format!("clippy --locked {line} --target-dir"))
        .arg(&workspace.target)
        .words(&format!("-- -D warnings {lints}"))
}

/// A lint of what it does, as a warning.
fn control(workspace: &Workspace) -> Result<()> {
    clippy_on(workspace, CONTROL, "-W clippy::print_stdout").fail("clippy::print-stdout")?;
    println!("control: a warning is found, and is an error");
    Ok(())
}
