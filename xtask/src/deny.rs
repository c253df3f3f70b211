use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::Workspace;

/// Each workspace: the published crates, and what stands beside them.
const MANIFESTS: [&str; 7] = [
    "Cargo.toml",
    "benches/peers/Cargo.toml",
    "examples/login/Cargo.toml",
    "firmware/Cargo.toml",
    "fuzz/Cargo.toml",
    "proofs/Cargo.toml",
    "trials/Cargo.toml",
];
/// A licence that hardly anything has, and a crate that is there.
const CONTROL: &str = r#"
[licenses]
allow = ["0BSD"]
[bans]
deny = [{ crate = "zeroize" }]
"#;

/// Checks the licences, sources and versions of all that is depended on.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    install::program("deny")?;
    for manifest in MANIFESTS {
        let checks = if manifest == "Cargo.toml" { "bans licenses sources" } else { "sources" };
        deny(manifest, "deny.toml").words(checks).run()?;
    }
    control(workspace)?;
    // The database of advisories is a repository of its own, which not every place can reach.
    let fetched = Command::cargo("deny fetch db").ask("")?;
    if fetched.status.success() || advisories() {
        return deny("Cargo.toml", "deny.toml").words("--disable-fetch advisories").run();
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

/// By other rules nearly all licences are banned, and a crate, which must be noticed.
fn control(workspace: &Workspace) -> Result<()> {
    let config = workspace.target.join("deny-control.toml");
    fs::write(&config, CONTROL).context("cannot write the control's rules")?;
    let config = config.to_str().context("a path that is no text")?;
    let output = deny("Cargo.toml", config).words("bans licenses").ask("")?;
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    for wanted in ["licenses FAILED", "bans FAILED"] {
        ensure!(said.contains(wanted), "the control does not say {wanted}:\n{said}");
    }
    println!("control: banned licenses and a banned crate are noticed");
    Ok(())
}

fn deny(manifest: &str, config: &str) -> Command {
    Command::cargo("deny --manifest-path")
        .words(manifest)
        .arg("--config")
        .arg(config)
        .words("--locked check")
}
