use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::Workspace;

/// Interpreting is a thousand times slower than running, so properties are tried a few times.
const CASES: &str = "2";

/// What is interpreted: the examples of the heart's documentation, but those that go through a thousand
/// counters, and those of the core's laws that need few hashes.
const RUNS: [&str; 2] = [
    "-p otp-core -p otp-uri -p otp-context -p otp-serde --doc -- --skip resync --skip policy",
    "-p otp-core --test laws -- code::e code::any verify::the_ends verify::the_same digits:: period:: \
     vectors::rfc",
];
/// The same codes elsewhere: on a processor that stores the highest byte first, and on one of 32 bits,
/// for which a block is kept in another way.
const ELSEWHERE: [(&str, &str); 3] = [
    ("s390x-unknown-linux-gnu", "-p otp-core --doc -- --skip resync"),
    ("s390x-unknown-linux-gnu", "-p otp-core --test laws -- vectors::rfc"),
    ("i686-unknown-linux-gnu", "-p otp-core --test laws -- vectors::rfc"),
];
/// What the interpreter must refuse.
const CONTROL: &str = "+nightly miri run --locked --manifest-path proofs/Cargo.toml -p undefined";

/// Runs tests in an interpreter that notices undefined behaviour, and those with the codes of the RFCs
/// once more as on processors of the other byte order and of half the width.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    install::nightly(Some("miri"))?;
    install::nightly(Some("rust-src"))?;
    control()?;
    for line in RUNS {
        miri(&format!("+nightly miri test --locked {line}")).run()?;
    }
    for (target, line) in ELSEWHERE {
        let command = miri(&format!("+nightly miri test --locked --target {target} {line}"));
        // Something that the benchmarks need is in C. It is compiled by what is here, and never run.
        let name = target.replace('-', "_");
        let command = command.env(&format!("CC_{name}"), "gcc");
        let command = command.env(&format!("CFLAGS_{name}"), "-ffreestanding");
        command.env(&format!("AR_{name}"), "ar").run()?;
    }
    Ok(())
}

fn control() -> Result<()> {
    miri(CONTROL).fail("Undefined Behavior")?;
    println!("control: a read behind the end is refused");
    Ok(())
}

fn miri(line: &str) -> Command {
    // Proptest asks where it is; without isolation it may.
    Command::cargo(line)
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", CASES)
        .env("CARGO_TARGET_DIR", "target/miri")
}
