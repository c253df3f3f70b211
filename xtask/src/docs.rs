use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Builds the documentation; a warning is an error.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let command = Command::cargo("doc --workspace --all-features --no-deps --locked");
    command.env("RUSTDOCFLAGS", "-D warnings").run()
}
