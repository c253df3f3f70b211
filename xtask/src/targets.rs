use anyhow::Result;

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Small processors without and with atomic read-modify-write, and the web.
const TARGETS: [&str; 4] = [
    "thumbv6m-none-eabi",
    "thumbv7em-none-eabihf",
    "riscv32imc-unknown-none-elf",
    "wasm32-unknown-unknown",
];
/// Those of them that the crates with a heap build for: `url` needs atomic read-modify-write.
const WITH_HEAP: [&str; 2] = ["thumbv7em-none-eabihf", "wasm32-unknown-unknown"];

const CORE_FEATURES: [&str; 6] =
    ["", "sha1", "sha256", "sha512", "sha1,sha256,sha512", "alloc,sha1,sha256,sha512"];

/// Builds what must build without an operating system.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    TARGETS
        .iter()
        .fold(Command::new("rustup").words("target add"), |command, target| command.arg(target))
        .run()?;
    for target in TARGETS {
        for features in CORE_FEATURES {
            build("otp-core", target, features).run()?;
        }
        build("otp-context", target, "sha1").run()?;
    }
    for target in WITH_HEAP {
        build("otp-uri", target, "sha1,sha256,sha512").run()?;
        for package in ["otp-context", "otp-serde"] {
            build(package, target, "alloc,sha1,sha256,sha512").run()?;
        }
    }
    control()
}

/// On the smallest a crate with a heap must not build, or README says too little.
fn control() -> Result<()> {
    let [target, ..] = TARGETS;
    build("otp-uri", target, "sha1").fail("`fetch_add`")?;
    println!("control: otp-uri does not build where there is no atomic read-modify-write");
    Ok(())
}

fn build(package: &str, target: &str, features: &str) -> Command {
    let line = format!("build --locked -p {package} --target {target} --no-default-features");
    let features =
        if features.is_empty() { String::new() } else { format!("--features {features}") };
    // The lints of a feature alone are seen nowhere else.
    Command::cargo(&line).words(&features).env("RUSTFLAGS", "-D warnings")
}
