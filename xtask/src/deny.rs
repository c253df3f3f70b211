mod advisories;

use std::fs;

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
const RULES: &str = "deny.toml";
/// A licence that hardly anything has, a crate that is there, and no registry to come from.
const CONTROL: &str = r#"
[licenses]
allow = ["0BSD"]
[bans]
deny = [{ crate = "zeroize" }]
[sources]
unknown-registry = "deny"
allow-registry = []
"#;

/// Checks the licences, sources and versions of all that is depended on; and unless it is told to do
/// without, that no advisory is about any of it.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let without_advisories = arguments.flag("--without-advisories");
    arguments.end()?;
    install::program("deny")?;
    for manifest in MANIFESTS {
        let checks = if manifest == "Cargo.toml" { "bans licenses sources" } else { "sources" };
        deny(manifest, RULES).words(checks).run()?;
    }
    control(workspace)?;
    if without_advisories {
        println!("advisories: not looked at, as asked");
        return Ok(());
    }
    advisories::check(workspace)
}

/// By other rules nearly all licences are banned, a crate, and every source, which must be noticed.
fn control(workspace: &Workspace) -> Result<()> {
    let config = workspace.target.join("deny-control.toml");
    fs::write(&config, CONTROL).context("cannot write the control's rules")?;
    let config = config.to_str().context("a path that is no text")?;
    let output = deny("Cargo.toml", config).words("bans licenses sources").ask("")?;
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    for wanted in ["licenses FAILED", "bans FAILED", "sources FAILED"] {
        ensure!(said.contains(wanted), "the control does not say {wanted}:\n{said}");
    }
    println!(
        "control: banned licenses, a banned crate and a source that is not allowed are noticed"
    );
    Ok(())
}

fn deny(manifest: &str, config: &str) -> Command {
    Command::cargo("deny --manifest-path")
        .words(manifest)
        .arg("--config")
        .arg(config)
        .words("--locked check")
}
