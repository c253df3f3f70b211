use std::path::PathBuf;
use std::{env, fs};

use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::Workspace;

/// Each workspace: the published crates, and what stands beside them.
const MANIFESTS: [&str; 4] =
    ["Cargo.toml", "fuzz/Cargo.toml", "firmware/Cargo.toml", "benches/peers/Cargo.toml"];

/// Checks the licences, sources and versions of all that is depended on.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    install::program("deny")?;
    for manifest in MANIFESTS {
        let checks = if manifest == "Cargo.toml" { "bans licenses sources" } else { "sources" };
        deny(manifest).words(checks).run()?;
    }
    // The database of advisories is a repository of its own, which not every place can reach.
    let fetched = Command::cargo("deny fetch db").ask("")?;
    if fetched.status.success() || advisories() {
        return deny("Cargo.toml").words("--disable-fetch advisories").run();
    }
    println!(
        "NOT CHECKED: advisories. The database cannot be fetched here:\n{}",
        String::from_utf8_lossy(&fetched.stderr).trim()
    );
    Ok(())
}

/// Whether the database was fetched before.
fn advisories() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let entries = home.and_then(|home| fs::read_dir(home.join("advisory-dbs")).ok());
    entries
        .is_some_and(|entries| entries.flatten().any(|entry| entry.path().join("crates").is_dir()))
}

fn deny(manifest: &str) -> Command {
    Command::cargo(&format!("deny --manifest-path {manifest} --config deny.toml --locked check"))
}
