//! Laws of the crates, each a function of arbitrary bytes that panics if its law is broken.
//!
//! A target in `fuzz_targets/` is one law. Under cargo-fuzz it is fuzzed; built otherwise, with any
//! compiler, it replays the files and folders that it is given.

#![forbid(unsafe_code)]

pub mod arguments;
pub mod bulk;
mod bytes;
pub mod code_text;
pub mod codes;
pub mod credential;
mod errors;
pub mod keys;
#[cfg(test)]
mod limits;
pub mod migration;
mod model;
pub mod passlib_keys;
pub mod records;
pub mod replay;
pub mod sealed;
pub mod secrets;
pub mod throttle;
pub mod tracker;
pub mod uri;
pub mod uri_values;

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
