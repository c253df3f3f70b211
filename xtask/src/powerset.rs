use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// The command is a program, of which nobody turns parts off.
const PROGRAM: &str = "otp-cli";

/// What each feature of a package turns on.
type Features = BTreeMap<String, Vec<String>>;
type Set<'f> = BTreeSet<&'f str>;

/// A library with a warning in one of its sets.
const CONTROL: [(&str, &str); 2] = [
    (
        "Cargo.toml",
        "[workspace]\n[package]\nname = \"control\"\nedition = \"2024\"\n\
         [lib]\npath = \"lib.rs\"\n[features]\na = []\nb = [\"a\"]\nc = []\n",
    ),
    (
        "lib.rs",
        "#[cfg(all(feature = \"a\", feature = \"c\", not(feature = \"b\")))]\nfn unused() {}\n",
    ),
];

/// Checks each library with every set of its features; a warning is an error.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let wanted = arguments.word();
    arguments.end()?;
    control(workspace)?;
    let output = Command::cargo("metadata --no-deps --format-version 1").read()?;
    let metadata: Value = serde_json::from_str(&output)?;
    let mut count = 0;
    let packages = metadata.get("packages").and_then(Value::as_array);
    for package in packages.context("no packages")? {
        let name = package["name"].as_str().context("a package without a name")?;
        let published = workspace.member(name).is_some_and(|it| it.rust_version.is_some());
        if !published || name == PROGRAM || wanted.as_ref().is_some_and(|it| it != name) {
            continue;
        }
        let features = serde_json::from_value(package["features"].clone())?;
        for set in sets(&features) {
            check(&set).words("--locked -p").arg(name).run()?;
            count += 1;
        }
    }
    ensure!(count > 0, "there is no such library");
    println!("{count} sets of features build");
    Ok(())
}

fn check(set: &Set<'_>) -> Command {
    let set = set.iter().copied().collect::<Vec<_>>().join(",");
    let command = Command::cargo("check --quiet --lib --no-default-features");
    let command = if set.is_empty() { command } else { command.arg("--features").arg(set) };
    command.env("RUSTFLAGS", "-D warnings")
}

/// Of another library's sets one must not build.
fn control(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("powerset-control");
    fs::create_dir_all(&folder).context("cannot make a folder for the control")?;
    for (name, text) in CONTROL {
        fs::write(folder.join(name), text).context("cannot write the control")?;
    }
    let needs = |needed: &[&str]| needed.iter().map(|it| (*it).to_owned()).collect();
    let features = [("a", needs(&[])), ("b", needs(&["a"])), ("c", needs(&[]))];
    let features = features.map(|(name, needed)| (name.to_owned(), needed)).into();
    let mut refused = Vec::new();
    for set in sets(&features) {
        let command = check(&set).arg("--target-dir").arg(folder.join("target"));
        let output = command.directory(&folder).ask("")?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && said.contains("`unused` is never used") {
            refused.push(set.into_iter().collect::<Vec<_>>());
        }
    }
    ensure!(refused == [["a", "c"]], "a warning with a and c is seen with {refused:?}");
    println!("control: a warning in one set is an error there, and nowhere else");
    Ok(())
}

/// Every set of features that differs from the others in what it turns on.
fn sets(features: &Features) -> BTreeSet<Set<'_>> {
    let names = features.keys().map(String::as_str).filter(|name| *name != "default");
    let mut sets = BTreeSet::from([Set::new()]);
    for name in names {
        let with = sets.iter().map(|set| {
            let mut set = set.clone();
            turn_on(name, features, &mut set);
            set
        });
        let with: Vec<_> = with.collect();
        sets.extend(with);
    }
    sets
}

/// Adds a feature to a set, with the features of the same package that it needs.
fn turn_on<'f>(name: &'f str, features: &'f Features, set: &mut Set<'f>) {
    if let Some((name, needed)) = features.get_key_value(name)
        && set.insert(name)
    {
        needed.iter().for_each(|needed| turn_on(needed, features, set));
    }
}

#[cfg(test)]
mod tests {
    use super::{Features, sets};

    #[test]
    fn sets_that_turn_on_the_same_are_one() {
        let feature = |name: &str, needed: &[&str]| {
            (name.to_owned(), needed.iter().map(|it| (*it).to_owned()).collect())
        };
        let features = Features::from([
            feature("default", &["std", "hash"]),
            feature("alloc", &["dep:text", "core/alloc"]),
            feature("std", &["alloc"]),
            feature("hash", &["core/hash", "text?/hash"]),
        ]);
        let sets: Vec<_> =
            sets(&features).into_iter().map(|set| set.into_iter().collect::<Vec<_>>()).collect();
        let expected: [&[&str]; 6] = [
            &[],
            &["alloc"],
            &["alloc", "hash"],
            &["alloc", "hash", "std"],
            &["alloc", "std"],
            &["hash"],
        ];
        assert_eq!(sets, expected);
    }
}
