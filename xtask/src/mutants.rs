use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::workspace::{HEART, Workspace};

/// Where code for processors of 32 bits is tried: what passes for right at 64 bits.
const NARROW: &str = "i686-unknown-linux-musl";
/// The package that has such code, and whose wiping is seen only in a release build.
const CORE: &str = "otp-core";
/// A package that is mutated only where it needs no server: what decides, and the store in memory.
const DECIDING: &str = "otp-store";
const NOT_DECIDING: [&str; 5] = ["conformance", "postgres", "redis", "sqlite", "tls"];
/// Its tests that need no server and take no minute.
const TESTS: [&str; 5] =
    ["--lib", "--test=conformance", "--test=errors", "--test=memory", "--test=verifier"];

/// Mutates the heart and what decides in `otp-store`, or one package, with the package's own tests.
///
/// No mutant may survive; `.cargo/mutants.toml` leaves out those that change nothing.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<()> {
    let packages: Vec<_> = match words {
        [] => HEART.into_iter().chain([DECIDING]).collect(),
        words => words.iter().map(String::as_str).collect(),
    };
    let mut survivors = Vec::new();
    for package in packages {
        ensure!(workspace.member(package).is_some(), "there is no package {package}");
        survivors.extend(mutate(package, &workspace.target.join("mutated").join(package))?);
    }
    ensure!(survivors.is_empty(), "these mutants survive:\n{}", survivors.join("\n"));
    Ok(())
}

/// The survivors of a package. What survives in the core is tried again at 32 bits, and what survives
/// there against the test of what is left in memory, which is one of release builds.
fn mutate(package: &str, folder: &Path) -> Result<Vec<String>> {
    let _ = fs::remove_dir_all(folder);
    // The clock stops what never ends; a busy machine must not look like it.
    let line = format!("mutants --package {package} --jobs 2 --timeout 120");
    if package == DECIDING {
        // The configured features would need a server.
        let line = format!("{line} --no-config --cap-lints=true --profile mutants");
        let command = Command::cargo(&line).words("--features blocking,conformance");
        let command = NOT_DECIDING.iter().fold(command, |it, name| {
            let source = format!("crates/{package}/src/{name}");
            it.arg("--exclude").arg(format!("{source}.rs")).arg("--exclude").arg(source + "/**")
        });
        // Where an account lies decides only how many are worked on at once; and the two sides of
        // the "or" share no bit that is set.
        let command = command
            .arg("--exclude-re=replace % with [/+] in Memory::shard$")
            .arg(r"--exclude-re=replace \| with \^ in Shard::charge$");
        let test = |it: Command, test| it.arg(format!("--cargo-test-arg={test}"));
        return attempt(TESTS.into_iter().fold(command, test), folder);
    }
    let survivors = attempt(Command::cargo(&line), folder)?;
    if package != CORE || survivors.is_empty() {
        return Ok(survivors);
    }
    Command::new("rustup").words("target add").arg(NARROW).run()?;
    // The toolchain's own linker and C library; what is in C needs no header of a system.
    let command = Command::cargo(&line)
        .env("CARGO_BUILD_TARGET", NARROW)
        .env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld")
        .env("CC_i686_unknown_linux_musl", "gcc")
        .env("CFLAGS_i686_unknown_linux_musl", "-ffreestanding");
    let survivors = attempt(only(command, &survivors), &folder.join(NARROW))?;
    if survivors.is_empty() {
        return Ok(survivors);
    }
    // The configured profile is another one, and wants all tests.
    let line = format!("{line} --no-config --all-features --cap-lints=true --profile release");
    let command = Command::cargo(&line).arg("--cargo-arg=--test=wiped");
    attempt(only(command, &survivors), &folder.join("released"))
}

/// Tries these and no more.
fn only(command: Command, mutants: &[String]) -> Command {
    mutants.iter().fold(command, |it, name| it.arg("--re").arg(pattern(name)))
}

/// Runs cargo-mutants, which fails if a mutant survives, and returns the survivors.
fn attempt(command: Command, folder: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let result = command.arg("--output").arg(folder).run();
    match fs::read_to_string(folder.join("mutants.out/missed.txt")) {
        Ok(missed) => {
            let missed: Vec<_> = missed.lines().map(str::to_owned).collect();
            if missed.is_empty() { result.map(|()| missed) } else { Ok(missed) }
        }
        Err(error) => Err(result.err().unwrap_or_else(|| error.into())),
    }
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
