//! Reads the machine code of comparing codes on small processors: with both values secret, no branch, no
//! division, no address and no skipped access may depend on them.

mod effect;
mod listing;
mod place;
mod secrets;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use self::listing::Listing;

const TARGETS: [&str; 2] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"];
const COMPARISONS: [&str; 2] = ["compare", "compare_steam"];
const CONTROL: &str = "compare_until_it_differs";

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent);
    let root = root.context("no workspace")?;
    let (objdump, built) = (objdump()?, root.join("target/compare"));
    for target in TARGETS {
        let line = "build --locked --release --manifest-path examples/firmware/Cargo.toml -p compare --target";
        let mut cargo = Command::new("cargo");
        cargo.current_dir(root).args(line.split(' ')).arg(target).arg("--target-dir").arg(&built);
        read(&mut cargo)?;
        let library = built.join(target).join("release/libcompare.a");
        let mut objdump = Command::new(&objdump);
        let listing =
            Listing::parse(&read(objdump.args(["-d", "-r", "--no-show-raw-insn"]).arg(library))?);
        for comparison in COMPARISONS {
            let leaks = secrets::leaks(&listing, comparison)?;
            ensure!(leaks.is_empty(), "{target}: {comparison} tells:\n{}", leaks.join("\n"));
            println!("{target}: {comparison} depends on nothing secret");
        }
        let leaks = secrets::leaks(&listing, CONTROL)?;
        // It must fail for its own reason, and not by an instruction that is not known.
        let branches = leaks.iter().any(|leak| leak.ends_with(secrets::BRANCH));
        ensure!(branches, "{target}: {CONTROL} does not branch on a secret: {leaks:?}");
        println!("{target}: {CONTROL} tells in {} places, as it must", leaks.len());
    }
    Ok(())
}

/// The disassembler of the nightly toolchain's component `llvm-tools`.
fn objdump() -> Result<PathBuf> {
    let rustc =
        |words: &[&str]| read(Command::new("rustup").args(["run", "nightly", "rustc"]).args(words));
    let (sysroot, about) = (rustc(&["--print", "sysroot"])?, rustc(&["-vV"])?);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("no host")?;
    Ok(format!("{}/lib/rustlib/{host}/bin/llvm-objdump", sysroot.trim()).into())
}

fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {said}");
    Ok(String::from_utf8(output.stdout)?)
}
