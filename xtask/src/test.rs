use anyhow::{Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::{HEART, Workspace};

/// Runs every test.
pub(crate) fn all(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --workspace --locked").run()
}

/// What exists only where a feature is off.
const WITHOUT: [&str; 1] =
    ["-p otp-uri --no-default-features --features sha256,migration --test without_sha1"];

/// Runs the heart's tests with every feature, also those that nothing here turns on; those that need
/// one to be off; and those of what measures time, which only `assure` lets measure.
pub(crate) fn features(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let packages: String = HEART.iter().map(|name| format!(" -p {name}")).collect();
    Command::cargo(&format!("test{packages} --all-features --locked")).run()?;
    for words in WITHOUT {
        let (seen, good) = Command::cargo(&format!("test --locked {words}")).watch()?;
        ensure!(good, "tests fail: {words}");
        ensure!(passed(&seen) > 0, "no test is run: {words}");
    }
    Command::cargo("test --manifest-path proofs/Cargo.toml --locked -p timing --target-dir")
        .arg(&workspace.target)
        .run()
}

/// Runs the core's tests as users run the core: optimised, and with overflow unchecked. Those of the
/// lanes take a minute to build so, in `assure`.
pub(crate) fn release(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    Command::cargo("test --release --locked -p otp-core").run()
}

/// How many tests a run says it has passed.
fn passed(output: &str) -> u32 {
    let results = output.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    results.filter_map(|rest| rest.split_once(" passed;")?.0.parse::<u32>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn a_run_of_no_test_has_passed_none() {
        let line =
            |count: u32| format!("x\ntest result: ok. {count} passed; 0 failed; 0 ignored\n");
        assert_eq!(passed(&line(0)), 0);
        assert_eq!(passed(&(line(3) + &line(10))), 13);
        assert_eq!(passed("test result: FAILED. 3 passed; 1 failed; 0 ignored"), 0);
        assert_eq!(passed(""), 0);
    }
}
