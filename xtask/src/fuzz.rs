use std::fs;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::root::root;
use crate::workspace::Workspace;

/// The most bytes of an input: twice the longest text that is read, so that each limit is crossed.
const LONGEST: usize = 2 * 8192;
/// The most seconds of an input: work without bound is a weakness.
const PATIENCE: u32 = 5;

/// Fuzzes every target for a minute, or `TARGET [SECONDS]`.
pub(crate) fn run(_: &Workspace, words: &[String]) -> Result<()> {
    let seconds: u32 = words.get(1).map_or(Ok(60), |word| word.parse())?;
    let targets = targets(words.get(..1).unwrap_or_default())?;
    // Only this target compiles the command, and with it SQLite.
    let features =
        if targets.iter().any(|name| name == "arguments") { "--features command" } else { "" };
    // One name, or no name for all.
    let only = words.first().map_or("", String::as_str);
    Command::shell(&format!("cargo +nightly fuzz build {features} {only}"))
        .run()
        .context("the fuzz targets do not build")?;
    for target in targets {
        // New inputs go to the first folder; git ignores them.
        let (corpus, log) = (format!("fuzz/corpus/{target}"), format!("fuzz/target/{target}.log"));
        let dictionary = match target.as_str() {
            "uri" | "migration" => "-dict=crates/otp-arbitrary/otpauth.dict",
            "records" | "passlib_keys" | "secrets" => "-dict=crates/otp-arbitrary/records.dict",
            _ => "",
        };
        let done = Command::shell(&format!(
            "cargo +nightly fuzz run {features} {target} {corpus} -- {dictionary} -max_len={LONGEST} \
             -max_total_time={seconds} -timeout={PATIENCE} -print_final_stats=1 2>&1 | tee {log}"
        ))
        .run();
        let output = fs::read_to_string(root().join(&log)).unwrap_or_default();
        done.with_context(|| failure(&target, &output))?;
        let (inputs, took) = effort(&output)?;
        // A tenth of what the slowest target makes of a free machine.
        ensure!(inputs >= 20 * took, "{target} is too slow: {inputs} inputs in {took} s");
    }
    Ok(())
}

/// Says what broke, and how to replay the input that libFuzzer wrote.
fn failure(target: &str, output: &str) -> String {
    let written = output.lines().find_map(|line| line.split_once("Test unit written to "));
    match written {
        Some((_, path)) => {
            format!(
                "{target} breaks its law; replay it with `cargo run -p laws -- {target} {path}`"
            )
        }
        None => format!("{target} stopped without an input that breaks its law"),
    }
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
    use super::{effort, failure};

    #[test]
    fn failure_names_the_input_if_there_is_one() {
        let output = "x\nartifact_prefix='a/'; Test unit written to a/crash-1\n";
        assert!(failure("uri", output).contains("cargo run -p laws -- uri a/crash-1"));
        assert!(failure("uri", "").contains("without an input"));
    }

    #[test]
    fn what_was_done_is_read() {
        assert_eq!(effort("x\nDone 123 runs in 60 second(s)\n").unwrap(), (123, 60));
        assert!(effort("Done\n").is_err());
    }
}
