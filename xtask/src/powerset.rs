use std::collections::{BTreeMap, BTreeSet};

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

/// Checks each library with every set of its features; a warning is an error.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let wanted = arguments.word();
    arguments.end()?;
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
            let line = format!("check --quiet --locked -p {name} --lib --no-default-features");
            let set = set.into_iter().collect::<Vec<_>>().join(",");
            let command = Command::cargo(&line);
            let command = if set.is_empty() { command } else { command.arg("--features").arg(set) };
            command.env("RUSTFLAGS", "-D warnings").run()?;
            count += 1;
        }
    }
    ensure!(count > 0, "there is no such library");
    println!("{count} sets of features build");
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
