use anyhow::{Result, ensure};

use crate::command::Command;

/// Installs a program that adds a word to cargo, if it is not there yet.
pub(crate) fn program(word: &str) -> Result<()> {
    let there = Command::cargo(&format!("{word} --version")).ask("")?.status.success();
    if !there {
        println!("cargo-{word} is not installed; installing it takes minutes");
        Command::cargo(&format!("install cargo-{word} --locked")).run()?;
    }
    Ok(())
}

/// Installs the nightly toolchain, with a component, if they are not there yet.
pub(crate) fn nightly(component: Option<&str>) -> Result<()> {
    let there = Command::new("rustup").words("run nightly rustc --version").ask("")?;
    if !there.status.success() {
        Command::new("rustup").words("toolchain install nightly --profile minimal").run()?;
    }
    let Some(component) = component else { return Ok(()) };
    let list = Command::new("rustup").words("component list --toolchain nightly --installed");
    let list = list.ask("")?;
    ensure!(list.status.success(), "rustup lists no components");
    if !String::from_utf8_lossy(&list.stdout).lines().any(|name| name.starts_with(component)) {
        Command::new("rustup").words("component add --toolchain nightly").arg(component).run()?;
    }
    Ok(())
}
