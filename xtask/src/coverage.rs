use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::{HEART, Workspace, root};

/// The lines of each crate that its own tests must run, in percent.
const LEAST: f64 = 95.0;

/// Measures which lines of the heart its tests run, crate by crate, and lists the others.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let wanted = arguments.word();
    arguments.end()?;
    let packages: Vec<_> =
        HEART.into_iter().filter(|name| wanted.as_ref().is_none_or(|it| it == name)).collect();
    let first = packages.first().context("the heart has no such crate")?;
    install::nightly(Some("llvm-tools"))?;
    install::program("llvm-cov")?;
    let mut short = Vec::new();
    for package in &packages {
        let lines = measure(workspace, package, "")?;
        for place in &lines.missed {
            println!("not run: {place}");
        }
        let percent = lines.percent();
        println!("{package}: {percent:.2} % of {} lines are run", lines.all);
        if percent < LEAST {
            short.push(format!("{package} ({percent:.2} %)"));
        }
    }
    ensure!(short.is_empty(), "less than {LEAST} % of the lines are run: {}", short.join(", "));
    let percent = measure(workspace, first, "-- no_test_has_this_name")?.percent();
    ensure!(percent < LEAST, "without a test {percent:.2} % of {first} is run");
    println!("control: without a test {percent:.2} % of {first}'s lines are run");
    Ok(())
}

/// The lines that a crate's tests run, or only those tests with a word in their names.
fn measure(workspace: &Workspace, package: &str, tests: &str) -> Result<Lines> {
    let path = workspace.target.join(format!("coverage-{package}.lcov"));
    Command::cargo(&format!("+nightly llvm-cov --locked -p {package} --all-features"))
        .words("--lib --tests --lcov --output-path")
        .arg(&path)
        .words(tests)
        .run()?;
    let trace = fs::read_to_string(&path);
    Lines::parse(&trace.with_context(|| format!("cannot read {}", path.display()))?, package)
}

/// The lines of a crate that can run, and those of them that no test runs.
#[derive(Debug, PartialEq, Eq)]
struct Lines {
    all: usize,
    missed: Vec<String>,
}

impl Lines {
    /// Reads a tracefile of lcov: `SF:` names a file, `DA:` a line and how often it ran.
    fn parse(trace: &str, package: &str) -> Result<Self> {
        let folder = root().join("crates").join(package).join("src");
        let (mut lines, mut file, mut tests) = (Self { all: 0, missed: Vec::new() }, None, 0);
        for entry in trace.lines() {
            if let Some(path) = entry.strip_prefix("SF:") {
                file = Path::new(path).strip_prefix(&folder).ok();
                tests = if file.is_some() { tests_of(&fs::read_to_string(path)?) } else { 0 };
            }
            let (Some(file), Some(line)) = (file, entry.strip_prefix("DA:")) else { continue };
            let (number, count) = line.split_once(',').context("a line without a count")?;
            let number: usize = number.parse()?;
            if number >= tests {
                continue;
            }
            lines.all += 1;
            if count == "0" {
                lines.missed.push(format!("crates/{package}/src/{}:{number}", file.display()));
            }
        }
        ensure!(lines.all > 0, "no line of {package} was measured");
        Ok(lines)
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand lines")]
    fn percent(&self) -> f64 {
        100.0 - 100.0 * self.missed.len() as f64 / self.all as f64
    }
}

/// The line where a file's tests begin, which are not to count.
fn tests_of(source: &str) -> usize {
    source.lines().position(|line| line == "#[cfg(test)]").unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{LEAST, Lines, tests_of};
    use crate::workspace::root;

    fn parse(counts: &[u32]) -> anyhow::Result<Lines> {
        let path = |file| root().join(file).display().to_string();
        let mut trace = format!("SF:{}\nDA:1,0\nend_of_record\n", path("crates/other/src/lib.rs"));
        trace += &format!("SF:{}\n", path("crates/otp-core/src/lib.rs"));
        for (place, count) in counts.iter().enumerate() {
            trace += &format!("DA:{},{count}\n", place + 1);
        }
        Lines::parse(&trace, "otp-core")
    }

    #[test]
    fn a_line_that_is_not_run_is_found() {
        let lines = parse(&[1, 0, 5, 1]).unwrap();
        assert_eq!(lines.missed, ["crates/otp-core/src/lib.rs:2"]);
        assert!((lines.percent() - 75.0).abs() < 1e-9);
        assert!(lines.percent() < LEAST);
        assert!(parse(&[1]).unwrap().percent() > LEAST);
        assert!(parse(&[]).is_err());
    }

    #[test]
    fn the_lines_of_tests_do_not_count() {
        assert_eq!(tests_of("fn f() {}\n\n#[cfg(test)]\nmod tests {}"), 2);
        assert_eq!(tests_of("fn f() {}\n"), usize::MAX);
    }
}
