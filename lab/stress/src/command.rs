use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Prints a command, runs it and passes its output through.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {command:?}");
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// Prints a command, runs it and returns what it writes on standard output.
pub fn read(command: &mut Command) -> Result<String> {
    println!("$ {command:?}");
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}
