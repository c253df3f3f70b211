use std::fs;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::workspace::{Workspace, root};

/// Replays the seeds of every target, or of those that are named, on any toolchain.
pub(crate) fn replay(_: &Workspace, words: &[String]) -> Result<()> {
    let cargo = |line: &str| {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        Command::cargo(command)
            .words("--manifest-path fuzz/Cargo.toml --locked --target-dir target")
            .words(rest)
    };
    // That the laws can fail at all.
    cargo("test --lib").run()?;
    cargo("build --bins").run()?;
    for target in targets(words)? {
        cargo(&format!("run --quiet --bin {target} -- fuzz/corpus/{target}")).run()?;
    }
    Ok(())
}

/// The most bytes of an input: twice the longest text that is read, so that each limit is crossed.
const LONGEST: usize = 2 * 8192;
/// The most seconds of an input: work without bound is a weakness.
const PATIENCE: u32 = 5;

/// Fuzzes every target for a minute, or `TARGET [SECONDS]`.
pub(crate) fn run(_: &Workspace, words: &[String]) -> Result<()> {
    let seconds: u32 = words.get(1).map_or(Ok(60), |word| word.parse())?;
    for target in targets(words.get(..1).unwrap_or_default())? {
        // What is found goes to the first folder; the seeds are only read.
        let found = format!("fuzz/target/corpus/{target}");
        fs::create_dir_all(root().join(&found)).with_context(|| format!("cannot make {found}"))?;
        let seen = Command::shell(&format!(
            "cargo +nightly fuzz run {target} {found} fuzz/corpus/{target} -- -max_len={LONGEST} \
             -max_total_time={seconds} -timeout={PATIENCE} -print_final_stats=1 2>&1 | tee /dev/stderr"
        ));
        let seen = seen.read().with_context(|| {
            format!("{target} breaks its law; the input is in fuzz/artifacts/{target}")
        })?;
        let (inputs, took) = effort(&seen)?;
        // A tenth of what the slowest target makes of a free machine.
        ensure!(inputs >= 20 * took, "{target} is too slow: {inputs} inputs in {took} s");
    }
    Ok(())
}

/// The targets, or those that are named.
fn targets(wanted: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets")).context("no fuzz/fuzz_targets")? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    ensure!(!names.is_empty(), "there are no fuzz targets");
    for name in wanted {
        ensure!(names.contains(name), "there is no fuzz target {name}");
    }
    names.retain(|name| wanted.is_empty() || wanted.contains(name));
    Ok(names)
}

/// The inputs and seconds that libFuzzer names at its end: `Done 123 runs in 60 second(s)`.
fn effort(output: &str) -> Result<(u64, u64)> {
    let done = output.lines().rev().find_map(|line| line.split_once("Done "));
    let (_, done) = done.context("libFuzzer does not say how much it did")?;
    let mut numbers = done.split_whitespace().filter_map(|word| word.parse().ok());
    numbers.next().zip(numbers.next()).context("libFuzzer names no numbers")
}

#[cfg(test)]
mod tests {
    use super::effort;

    #[test]
    fn what_was_done_is_read() {
        assert_eq!(effort("x\nDone 123 runs in 60 second(s)\n").unwrap(), (123, 60));
        assert!(effort("Done\n").is_err());
    }
}
