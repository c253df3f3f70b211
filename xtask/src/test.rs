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

/// Runs the tests of the core and of the lanes as users run them: optimised, and with overflow
/// unchecked.
pub(crate) fn release(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --release --locked -p otp-core -p otp-bulk").run()
}
