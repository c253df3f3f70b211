use std::fs;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::{Workspace, root};

/// Fuzzes on nightly, or replays the seeds on any toolchain.
pub(crate) fn run(_: &Workspace, mut arguments: Arguments) -> Result<()> {
    let replay = arguments.flag("--replay");
    let seconds = arguments.option("--seconds")?.unwrap_or(60_u32);
    let wanted = arguments.word();
    arguments.end()?;
    let mut targets = targets()?;
    if let Some(wanted) = wanted {
        targets.retain(|target| *target == wanted);
        ensure!(!targets.is_empty(), "there is no fuzz target {wanted}");
    }
    if replay { replay_all(&targets) } else { fuzz_all(&targets, seconds) }
}

fn replay_all(targets: &[String]) -> Result<()> {
    // That the laws can fail at all.
    Command::cargo("test --manifest-path fuzz/Cargo.toml --locked --lib").run()?;
    for target in targets {
        Command::cargo("run --manifest-path fuzz/Cargo.toml --locked --quiet --bin")
            .words(&format!("{target} -- fuzz/corpus/{target}"))
            .run()?;
    }
    Ok(())
}

/// The most bytes of an input: twice the longest text that is read, so that each limit is crossed.
const LONGEST: usize = 2 * otp_uri::MAX_LENGTH;
/// The most seconds of an input: work without bound is a weakness.
const PATIENCE: u32 = 5;

fn fuzz_all(targets: &[String], seconds: u32) -> Result<()> {
    if Command::new("rustup").words("run nightly rustc --version").read().is_err() {
        Command::new("rustup").words("toolchain install nightly --profile minimal").run()?;
    }
    if Command::cargo("fuzz --version").read().is_err() {
        println!("cargo-fuzz is not installed; installing it takes about a minute");
        Command::cargo("install cargo-fuzz --locked").run()?;
    }
    for target in targets {
        // What is found goes to the first folder; the seeds are only read.
        let found = format!("fuzz/target/corpus/{target}");
        fs::create_dir_all(root().join(&found)).with_context(|| format!("cannot make {found}"))?;
        let run = format!("+nightly fuzz run {target} {found} fuzz/corpus/{target} --");
        let limits = format!("-max_len={LONGEST} -max_total_time={seconds} -timeout={PATIENCE}");
        let (seen, good) =
            Command::cargo(&run).words(&limits).words("-print_final_stats=1").watch()?;
        ensure!(good, "{target} breaks its law; the input is in fuzz/artifacts/{target}");
        let (inputs, took) = effort(&seen)?;
        // A tenth of what the slowest target makes of a free machine.
        ensure!(inputs >= 20 * took, "{target} is too slow: {inputs} inputs in {took} s");
    }
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets")).context("no fuzz/fuzz_targets")? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    ensure!(!names.is_empty(), "there are no fuzz targets");
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
