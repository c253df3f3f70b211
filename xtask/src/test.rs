use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::{HEART, Workspace};

/// Runs every test.
pub(crate) fn all(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --workspace").run()
}

/// Runs the heart's tests with every feature, also those that nothing here turns on.
pub(crate) fn features(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let heart = HEART.into_iter().filter(|name| workspace.member(name).is_some());
    let packages: String = heart.map(|name| format!(" -p {name}")).collect();
    Command::cargo(&format!("test{packages} --all-features")).run()
}

/// Runs the tests of the core and of its lanes as users run them: optimised, which only makes
/// vector code of the lanes, and with overflow unchecked.
pub(crate) fn release(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --release -p otp-core -p otp-bulk").run()
}
