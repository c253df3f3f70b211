use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use super::{RULES, deny};
use crate::command::Command;
use crate::workspace::{Workspace, root};

/// An advisory about a crate that is there.
const CONTROL: &str = r#"```toml
[advisory]
id = "RUSTSEC-2000-0001"
package = "zeroize"
date = "2000-01-01"

[versions]
patched = []
```

# The control
"#;
/// Where it is fetched from: git is told to take a folder for it.
const SOURCE: &str = "https://control.invalid/advisories";

/// Checks that there is no advisory about what the published crates depend on.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    control(workspace)?;
    // The database is a repository of its own, which not every place can reach.
    let fetched = Command::cargo("deny fetch db").ask("")?;
    ensure!(
        fetched.status.success() || were_fetched(),
        "there are no advisories to look at, which only --without-advisories does without:\n{}",
        String::from_utf8_lossy(&fetched.stderr).trim()
    );
    deny("Cargo.toml", RULES).words("--disable-fetch advisories").run()
}

/// Whether the database was fetched before.
fn were_fetched() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let entries = home.and_then(|home| fs::read_dir(home.join("advisory-dbs")).ok());
    entries
        .is_some_and(|entries| entries.flatten().any(|entry| entry.path().join("crates").is_dir()))
}

/// By the same rules an advisory in another database must be noticed.
fn control(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("deny-advisories");
    let _ = fs::remove_dir_all(&folder);
    let (source, rules) = (folder.join("source"), folder.join("deny.toml"));
    let about = source.join("crates/zeroize");
    fs::create_dir_all(&about).context("cannot make a database of advisories")?;
    fs::write(about.join("RUSTSEC-2000-0001.md"), CONTROL).context("cannot write an advisory")?;
    for line in [
        "init --quiet --initial-branch main",
        "add .",
        "-c user.name=control -c user.email=control@example.com commit --quiet --message control",
    ] {
        Command::new("git").words(line).directory(&source).run()?;
    }
    let text = fs::read_to_string(root().join(RULES)).context("cannot read the rules")?;
    let place = format!(
        "[advisories]\ngit-fetch-with-cli = true\ndb-path = {:?}\ndb-urls = [{SOURCE:?}]",
        folder.join("database")
    );
    ensure!(text.contains("[advisories]"), "{RULES} says nothing of advisories");
    fs::write(&rules, text.replace("[advisories]", &place)).context("cannot write rules")?;
    let output = deny("Cargo.toml", rules.to_str().context("a path that is no text")?)
        .words("advisories")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", &format!("url.{}.insteadOf", source.display()))
        .env("GIT_CONFIG_VALUE_0", SOURCE)
        .ask("")?;
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    let noticed = !output.status.success() && said.contains("RUSTSEC-2000-0001");
    ensure!(noticed, "an advisory about zeroize is not noticed:\n{said}");
    println!("control: advisories about a crate that is there are noticed");
    Ok(())
}
