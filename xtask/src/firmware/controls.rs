//! What must fail, or must be found: the proof that the proofs can fail.

use anyhow::{Result, bail, ensure};

use super::emulator::Board;
use super::image::Image;
use super::{built, cargo};

/// Everything that depends on the board alone.
pub(super) fn run(toolchain: &str, board: &Board) -> Result<()> {
    wrong_vector(toolchain, board)?;
    heap(toolchain, board)?;
    spender(toolchain, board)
}

/// An image with a path to a panic does not link.
pub(super) fn panics(toolchain: &str, build: &str) -> Result<()> {
    let line = format!("{build} -p measure --features controls --bin panics");
    cargo(toolchain, &line).fail("a_panic_path_survived")
}

/// An image that wants a heap cannot be built.
fn heap(toolchain: &str, board: &Board) -> Result<()> {
    let build = format!("build --release --target {}", board.target);
    let line = format!("{build} -p measure --features controls --bin heap");
    cargo(toolchain, &line).fail("no global memory allocator found")
}

/// Static RAM and floating point are found.
fn spender(toolchain: &str, board: &Board) -> Result<()> {
    let build = format!("build --release --target {}", board.target);
    cargo(toolchain, &format!("{build} -p measure --features controls --bin spender")).run()?;
    let image = Image::read(&built(board.target, "release", "spender"))?;
    let empty = Image::read(&built(board.target, "release", "empty"))?;
    ensure!(image.ram > empty.ram, "static RAM is not noticed");
    ensure!(image.floats > 0, "floating point is not noticed");
    Ok(())
}

/// A wrong code gives exit code 1.
fn wrong_vector(toolchain: &str, board: &Board) -> Result<()> {
    let run = format!("run --release --target {}", board.target);
    let control = cargo(toolchain, &format!("{run} -p self-test --features wrong-vector"));
    println!("$ {control}  # must exit 1");
    match control.ask("")?.status.code() {
        Some(1) => Ok(()),
        code => bail!("a wrong vector gave exit code {code:?}"),
    }
}
