use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Tests the login service of `examples/login`, which has a workspace of its own.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --locked --manifest-path examples/login/Cargo.toml --target-dir")
        .arg(workspace.target.join("login"))
        .run()
}
