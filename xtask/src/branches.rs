mod effect;
mod listing;
mod place;
mod secrets;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::install;
use crate::workspace::Workspace;

use self::listing::Listing;

const TARGETS: [&str; 2] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"];
const COMPARISONS: [&str; 2] = ["compare", "compare_steam"];
const CONTROL: &str = "compare_until_it_differs";

/// Reads the machine code of comparing codes on small processors: with both values secret, no branch,
/// no division, no address and no skipped access may depend on them.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let objdump = objdump()?;
    let built = workspace.target.join("compare");
    for target in TARGETS {
        Command::new("rustup").words("target add").arg(target).run()?;
        Command::cargo("build --manifest-path proofs/Cargo.toml --locked --profile firmware")
            .words(&format!("-p compare --target {target} --target-dir"))
            .arg(&built)
            .run()?;
        let library = built.join(target).join("firmware/libcompare.a");
        let objdump = Command::new(&objdump.to_string_lossy()).words("-d -r --no-show-raw-insn");
        let listing = Listing::parse(&objdump.arg(library).read()?);
        for comparison in COMPARISONS {
            let leaks = secrets::leaks(&listing, comparison)?;
            ensure!(leaks.is_empty(), "{target}: {comparison} tells:\n{}", leaks.join("\n"));
            println!("{target}: {comparison} depends on nothing secret");
        }
        let leaks = secrets::leaks(&listing, CONTROL)?;
        // It must fail for its own reason, and not by an instruction that nobody knows.
        let branches = leaks.iter().any(|leak| leak.ends_with(secrets::BRANCH));
        ensure!(branches, "{target}: {CONTROL} does not branch on a secret: {leaks:?}");
        println!("{target}: {CONTROL} tells in {} places, as it must", leaks.len());
    }
    Ok(())
}

/// The disassembler of the nightly toolchain.
fn objdump() -> Result<PathBuf> {
    install::nightly(Some("llvm-tools"))?;
    let rustc = |line| Command::new("rustup").words("run nightly rustc").words(line).read();
    let (sysroot, about) = (rustc("--print sysroot")?, rustc("-vV")?);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("no host")?;
    Ok(format!("{}/lib/rustlib/{host}/bin/llvm-objdump", sysroot.trim()).into())
}
