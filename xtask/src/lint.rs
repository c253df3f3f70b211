use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// What only an optimised build can show.
const PROOFS: &str = "--manifest-path proofs/Cargo.toml -p no-panic-proof -p timing";

/// Checks the formatting of every workspace that has tests, proofs or trials.
pub(crate) fn fmt(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("fmt --all --check").run()?;
    Command::cargo("fmt --manifest-path fuzz/Cargo.toml --check").run()?;
    Command::cargo(&format!("fmt {PROOFS} -p compare --check")).run()?;
    Command::cargo("fmt --manifest-path trials/Cargo.toml --check").run()
}

/// Runs clippy on every workspace; a warning is an error.
pub(crate) fn clippy(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings")
        .run()?;
    Command::cargo("clippy --manifest-path fuzz/Cargo.toml --all-targets --locked -- -D warnings")
        .run()?;
    Command::cargo(&format!("clippy {PROOFS} --all-targets --locked -- -D warnings")).run()
}
