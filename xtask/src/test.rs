use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::{HEART, Workspace};

/// Runs every test.
pub(crate) fn all(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --workspace --locked").run()
}

/// Runs the heart's tests with every feature, also those that nothing here turns on; and those of what
/// measures time, which only `assure` lets measure.
pub(crate) fn features(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let packages: String = HEART.iter().map(|name| format!(" -p {name}")).collect();
    Command::cargo(&format!("test{packages} --all-features --locked")).run()?;
    Command::cargo("test --manifest-path proofs/Cargo.toml --locked -p timing --target-dir")
        .arg(&workspace.target)
        .run()
}

/// Runs the core's tests as users run the core: optimised, and with overflow unchecked. Those of the
/// lanes take a minute to build so, in `assure`.
pub(crate) fn release(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --release --locked -p otp-core").run()
}
