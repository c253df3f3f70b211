use anyhow::{Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::workspace::Workspace;

/// Links a program whose functions cannot panic, and one with a function that can, which must not
/// link.
pub(crate) fn run(_: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    build("").run()?;
    // Of SHA-512 the portable code; in its own folder, since the flag is one of all crates.
    build("--features sha512 --target-dir proofs/target/portable")
        .env("RUSTFLAGS", "--cfg sha2_backend=\"soft\"")
        .run()?;
    let control = build("--features panics");
    println!("$ {control}  # must not link");
    let output = control.ask("")?;
    let reason = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "a program with a panic in it linked");
    let functions = detected(&reason);
    ensure!(functions == ["careless"], "detected in {functions:?}\n{reason}");
    println!("without a panic it links; with one in a function it does not, and that one is named");
    Ok(())
}

fn build(more: &str) -> Command {
    let line = "build --manifest-path proofs/Cargo.toml --locked --release -p no-panic-proof";
    Command::cargo(line).words(more)
}

/// The functions in which a panic was found.
fn detected(errors: &str) -> Vec<&str> {
    let named = errors.split("detected panic in function `").skip(1);
    let mut names: Vec<_> = named.filter_map(|rest| rest.split('`').next()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::detected;

    #[test]
    fn the_functions_are_named_and_no_others() {
        let errors = "ld: x\n\n ERROR[no-panic]: detected panic in function `b`\n \
                      ERROR[no-panic]: detected panic in function `a`\n detected panic in function `b`";
        assert_eq!(detected(errors), ["a", "b"]);
        assert!(detected("cannot find -lc").is_empty());
    }
}
