//! Laws of the core, each a function of arbitrary bytes that panics if its law is broken.
//!
//! A target in `fuzz_targets/` is one law. Under cargo-fuzz it is fuzzed; built otherwise, with any
//! compiler, it replays the files and folders that it is given.

#![forbid(unsafe_code)]

mod bytes;
pub mod code_text;
pub mod codes;
pub mod keys;
mod model;
pub mod records;
pub mod replay;

/// Makes a law a fuzz target, or a program that replays files if this is not a fuzzing build.
#[macro_export]
macro_rules! target {
    ($law:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $law(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay::main($law)
        }
    };
}
