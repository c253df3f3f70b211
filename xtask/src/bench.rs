use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Measures what codes cost here and in other crates, and then by the benches of our own crates.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    for line in [
        "run --release --locked --manifest-path benches/peers/Cargo.toml --bin time",
        "run --release --locked --manifest-path benches/peers/Cargo.toml --bin allocations",
        "bench --locked -p otp-core --bench code",
        "bench --locked -p otp-bulk --bench engines",
        "bench --locked -p otp-context --bench seal --features passlib",
    ] {
        Command::cargo(line).run()?;
    }
    Ok(())
}
