//! Hands the linker the memory map of the emulated board.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let target = env::var("TARGET").unwrap_or_default();
    let map = match target.split('-').next() {
        Some("thumbv6m") => "memory/thumbv6m.x",
        Some("thumbv7em") => "memory/thumbv7em.x",
        Some("riscv32imc") => "memory/riscv32imc.x",
        // Not a board: nothing to link.
        _ => return Ok(()),
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::copy(map, out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed={map}");
    Ok(())
}
