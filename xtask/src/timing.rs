use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Measures whether the time of comparing and verifying tells anything, by as many samples as are
/// asked for.
pub(crate) fn run(_: &Workspace, mut arguments: Arguments) -> Result<()> {
    let samples = arguments.option("--samples")?.unwrap_or(1_000_000_u32);
    arguments.end()?;
    Command::cargo("test --manifest-path proofs/Cargo.toml --locked -p timing").run()?;
    Command::cargo("run --manifest-path proofs/Cargo.toml --locked --release -p timing --")
        .arg(samples.to_string())
        .run()
}
