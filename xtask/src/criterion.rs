use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Runs the benches that crates have of their own; the arguments go to criterion.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    let words = arguments.rest();
    for line in [
        "bench --locked -p otp-core --bench code --",
        "bench --locked -p otp-bulk --bench engines --",
        "bench --locked -p otp-context --bench seal --features passlib --",
    ] {
        words.iter().fold(Command::cargo(line), Command::arg).run()?;
    }
    Ok(())
}
