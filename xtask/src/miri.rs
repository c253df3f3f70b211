use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Interpreting is a thousand times slower than running, so properties are tried a few times.
const CASES: &str = "2";
/// A processor that stores the highest byte first.
const BIG_ENDIAN: &str = "s390x-unknown-linux-gnu";

/// What is interpreted: the examples of the heart's documentation, but those that go through a thousand
/// counters, and those of the core's laws that need few hashes.
const RUNS: [&str; 2] = [
    "-p otp-core -p otp-uri -p otp-context -p otp-serde --doc -- --skip resync --skip policy",
    "-p otp-core --test laws -- code::e code::any verify::the_ends verify::the_same digits:: period::",
];
/// Of the core, for the other byte order: the examples have the codes of the RFCs.
const BIG_ENDIAN_RUN: &str = "-p otp-core --doc -- --skip resync";

/// Runs tests in an interpreter that notices undefined behaviour, and the core's once more as on a
/// processor of the other byte order.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    if Command::cargo("+nightly miri --version").read().is_err() {
        let line = "toolchain install nightly --profile minimal --component miri,rust-src";
        Command::new("rustup").words(line).run()?;
    }
    for line in RUNS {
        miri(line).run()?;
    }
    // Something that the benchmarks need is in C. It is compiled for this machine, and never run.
    miri(&format!("--target {BIG_ENDIAN} {BIG_ENDIAN_RUN}"))
        .env("CC_s390x_unknown_linux_gnu", "gcc")
        .env("AR_s390x_unknown_linux_gnu", "ar")
        .run()
}

fn miri(line: &str) -> Command {
    // Proptest asks where it is; without isolation it may.
    Command::cargo("+nightly miri test --locked")
        .words(line)
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", CASES)
        .env("CARGO_TARGET_DIR", "target/miri")
}
