//! Would the tests notice a wrong line? cargo-mutants makes each line wrong in turn.

mod explained;
mod mutant;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::mutants::explained::Explained;
use crate::mutants::mutant::{Mutant, Outcomes};
use crate::workspace::{HEART, Workspace};

pub(crate) use self::explained::{FILE, gone};

/// Where code for processors of 32 bits is tried: what passes for right at 64 bits.
const NARROW: &str = "i686-unknown-linux-musl";
/// The package that has such code, and whose wiping can be looked at only as it is released.
const CORE: &str = "otp-core";
/// The folder of what was tried as it is released, and how it is.
const RELEASED: &str = "released";
const AS_RELEASED: &str = "--profile release --cargo-arg=--test=wiped";

/// A package that is mutated only where it needs no server: what decides, and the store in memory.
const DECIDING: &str = "otp-store";
const NOT_DECIDING: [&str; 5] = ["conformance", "postgres", "redis", "sqlite", "tls"];
/// Its tests that need no server and take no minute.
const TESTS: [&str; 7] = [
    "--lib",
    "--test=conformance",
    "--test=errors",
    "--test=file",
    "--test=memory",
    "--test=race",
    "--test=verifier",
];

/// Mutates a package, or the heart and what decides in `otp-store`, with the package's own tests.
///
/// What they let pass must be explained, and what is explained must pass them.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    // What the last run left, judged again.
    let again = arguments.flag("--again");
    let jobs = arguments.option("--jobs")?.unwrap_or(2_u8);
    let wanted = arguments.word();
    arguments.end()?;
    let packages = match &wanted {
        None => HEART.into_iter().chain([DECIDING]).collect(),
        Some(name) => vec![name.as_str()],
    };
    let explained = Explained::read()?;
    let mut faults = Vec::new();
    for package in packages {
        ensure!(workspace.member(package).is_some(), "there is no package {package}");
        let folder = workspace.target.join("mutated").join(package);
        if !again {
            mutate(package, &folder, jobs)?;
        }
        let outcomes = outcomes(&folder)?;
        println!("{package}: {outcomes}");
        faults.extend(explained.judge(package, &outcomes));
    }
    for fault in &faults {
        println!("{fault}");
    }
    ensure!(faults.is_empty(), "{} mutants are not as {FILE} has them", faults.len());
    Ok(())
}

/// Runs cargo-mutants; what survives in the core at 64 bits is tried again at 32, and what survives
/// there against the test of what is left in memory, which is one of programs as they are released.
fn mutate(package: &str, folder: &Path, jobs: u8) -> Result<()> {
    install::program("mutants")?;
    let _ = fs::remove_dir_all(folder);
    // What never ends is stopped by the clock; a busy machine must not look like it.
    let line = format!("mutants --package {package} --jobs {jobs} --timeout 120");
    if package == DECIDING {
        // The file of rules has all features, of which some need a server.
        let line = format!("{line} --no-config --cap-lints=true --profile mutants");
        let command = Command::cargo(&line).words("--features blocking,conformance");
        let command = NOT_DECIDING.iter().fold(command, |it, name| {
            let source = format!("crates/{package}/src/{name}");
            it.arg("--exclude").arg(format!("{source}.rs")).arg("--exclude").arg(source + "/**")
        });
        let test = |it: Command, test| it.arg(format!("--cargo-test-arg={test}"));
        return attempt(TESTS.into_iter().fold(command, test), folder).map(drop);
    }
    let survivors = attempt(Command::cargo(&line), folder)?.survivors;
    if package != CORE || survivors.is_empty() {
        return Ok(());
    }
    Command::new("rustup").words("target add").arg(NARROW).run()?;
    // The toolchain's own linker and C library; what is in C needs no header of a system.
    let command = Command::cargo(&line)
        .env("CARGO_BUILD_TARGET", NARROW)
        .env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld")
        .env("CC_i686_unknown_linux_musl", "gcc")
        .env("CFLAGS_i686_unknown_linux_musl", "-ffreestanding");
    let survivors = attempt(only(command, &survivors), &folder.join(NARROW))?.survivors;
    if !survivors.is_empty() {
        // The file of rules has another profile, and wants all tests.
        let line = format!("{line} --no-config --all-features --cap-lints=true {AS_RELEASED}");
        attempt(only(Command::cargo(&line), &survivors), &folder.join(RELEASED))?;
    }
    Ok(())
}

/// Tries these and no more.
fn only(command: Command, mutants: &[(Mutant, String)]) -> Command {
    mutants.iter().fold(command, |it, (_, name)| it.arg("--re").arg(pattern(name)))
}

/// It fails if a mutant survives, which is not for it to judge.
fn attempt(command: Command, folder: &Path) -> Result<Outcomes> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let result = command.arg("--output").arg(folder).run();
    Outcomes::read(folder).map_err(|error| result.err().unwrap_or(error))
}

/// What the last run of a package left.
fn outcomes(folder: &Path) -> Result<Outcomes> {
    let mut outcomes = Outcomes::read(folder)?;
    for again in [NARROW, RELEASED].map(|name| folder.join(name)) {
        if again.exists() {
            // Which mutants are tried cannot be told quite exactly: others may be among them.
            let left = Outcomes::read(&again)?.survivors;
            outcomes.survivors.retain(|(_, name)| left.iter().any(|(_, it)| it == name));
        }
    }
    Ok(outcomes)
}

/// A regular expression for a text.
fn pattern(text: &str) -> String {
    let special = |character| r"\.+*?()|[]{}^$".contains(character);
    text.chars().flat_map(|it| special(it).then_some('\\').into_iter().chain([it])).collect()
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_pattern_means_what_it_says() {
        assert_eq!(
            pattern("a.rs:1:2: replace + with -> (u32)"),
            r"a\.rs:1:2: replace \+ with -> \(u32\)"
        );
    }
}
