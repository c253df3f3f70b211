mod budget;
mod controls;
mod emulator;
mod floats;
mod image;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::root::root;
use crate::workspace::Workspace;

use self::emulator::{BOARDS, Board};

/// The levels of optimisation, by profile and as rustc calls them; `s/3` has SHA-1 alone at 3.
const LEVELS: [(&str, &str); 4] = [("release", "s"), ("z", "z"), ("fast-sha1", "s/3"), ("o3", "3")];
/// What a product may link: one hash, or all.
const HASHES: [&str; 4] = ["sha1", "sha256", "sha512", "sha1,sha256,sha512"];
const WASM: &str = "wasm32-unknown-unknown";

/// Builds, runs, weighs and counts the firmware.
pub(crate) fn run(_: &Workspace, _: &[String]) -> Result<()> {
    let toolchain = toolchain()?;
    lint(&toolchain)?;
    let mut broken = Vec::new();
    for board in &BOARDS {
        behave(&toolchain, board)?;
        broken.append(&mut build(&toolchain, board)?);
        controls::run(&toolchain, board)?;
    }
    cargo(&toolchain, &format!("build --release --target {WASM} -p otp-wasm")).run()?;
    let module = built(WASM, "release", "otp_wasm.wasm");
    Command::new("node").arg("bindings/js/run.mjs").arg(module).run()?;
    ensure!(broken.is_empty(), "over their budgets:\n{}", broken.join("\n"));
    Ok(())
}

/// The compiler that the budgets belong to, installed with its targets.
fn toolchain() -> Result<String> {
    let file = fs::read_to_string(root().join("examples/firmware/rust-toolchain.toml"))?;
    let channel = file.lines().find_map(|line| line.strip_prefix("channel = "));
    let channel = channel.context("rust-toolchain.toml names no channel")?.trim_matches('"');
    let installed = Command::new("rustup").words("toolchain list").read()?;
    if !installed.lines().any(|line| line.starts_with(&format!("{channel}-"))) {
        Command::new("rustup")
            .words("toolchain install --profile minimal --no-self-update")
            .arg(channel)
            .run()?;
    }
    let rustup = |line| Command::new("rustup").words(line).words("--toolchain").arg(channel);
    rustup("component add clippy rustfmt").run()?;
    let targets = BOARDS.iter().map(|board| board.target).chain([WASM]);
    targets.fold(rustup("target add"), Command::arg).run()?;
    Ok(channel.to_owned())
}

/// A command of cargo in the firmware's workspace, as it is typed at the root.
fn cargo(toolchain: &str, line: &str) -> Command {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    let place = "--manifest-path examples/firmware/Cargo.toml --config examples/firmware/.cargo/config.toml";
    Command::cargo(&format!("+{toolchain} {command}")).words(place).words("--locked").words(rest)
}

/// Where everything is built.
fn target() -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(folder.unwrap_or_else(|| PathBuf::from("examples/firmware/target")))
}

/// Where an image is once it is built.
fn built(target_name: &str, profile: &str, name: &str) -> PathBuf {
    target().join(target_name).join(profile).join(name)
}

fn lint(toolchain: &str) -> Result<()> {
    let images = "-p board -p firmware -p compare -p measure -p self-test";
    // Not `--all`, which would go on to the crates of the other workspace.
    let packages = format!("{images} -p otp-wasm");
    let place = "--manifest-path examples/firmware/Cargo.toml";
    Command::cargo(&format!("+{toolchain} fmt {place} {packages} --check")).run()?;
    cargo(toolchain, &format!("clippy --target {} {images} -- -D warnings", BOARDS[0].target))
        .run()?;
    cargo(toolchain, &format!("clippy --target {WASM} -p otp-wasm -- -D warnings")).run()
}

/// Links every image at every level, which only images without a panic path do, and says which are over
/// their budgets.
fn build(toolchain: &str, board: &Board) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (profile, level) in LEVELS {
        let build = format!("build --profile {profile} --target {}", board.target);
        cargo(toolchain, &format!("{build} -p firmware")).run()?;
        if level != "s/3" {
            // All that it checks but base32.
            cargo(toolchain, &format!("{build} -p self-test --no-default-features")).run()?;
        }
        for hashes in HASHES.into_iter().filter(|hashes| level != "s/3" || *hashes == "sha1") {
            let line = format!("{build} -p measure --no-default-features --features {hashes}");
            cargo(toolchain, &line).run()?;
            broken.append(&mut budget::check(board, profile, hashes)?);
        }
        controls::panics(toolchain, &build)?;
    }
    Ok(broken)
}

/// Runs what tells by its exit code whether it is right.
fn behave(toolchain: &str, board: &Board) -> Result<()> {
    let run = format!("run --release --target {}", board.target);
    for example in ["token", "door", "element"] {
        cargo(toolchain, &format!("{run} -p firmware --bin {example}")).run()?;
    }
    cargo(toolchain, &format!("{run} -p self-test")).run()
}
