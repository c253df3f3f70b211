//! Laws of the crates, each a function of arbitrary bytes that panics if its law is broken.
//!
//! A target in `fuzz_targets/` fuzzes one law. The tests here replay the seeds of every law.

#![forbid(unsafe_code)]

#[cfg(feature = "command")]
pub mod arguments;
pub mod bulk;
mod bytes;
mod clock;
pub mod code_text;
pub mod codes;
#[cfg(test)]
mod control;
pub mod credential;
mod errors;
pub mod keys;
#[cfg(test)]
mod limits;
pub mod migration;
mod model;
pub mod passlib_keys;
pub mod records;
pub mod recovery;
pub mod replay;
pub mod sealed;
pub mod secrets;
pub mod throttle;
pub mod tracker;
pub mod uri;
pub mod uri_values;
mod verdict;

/// A function that panics if its input breaks the law.
pub type Law = fn(&[u8]);

/// Every law, under the name of its fuzz target.
pub const LAWS: &[(&str, Law)] = &[
    #[cfg(feature = "command")]
    ("arguments", arguments::check),
    ("bulk", bulk::check),
    ("code_text", code_text::check),
    ("codes", codes::check),
    ("credential", credential::check),
    ("keys", keys::check),
    ("migration", migration::check),
    ("passlib_keys", passlib_keys::check),
    ("records", records::check),
    ("recovery", recovery::check),
    ("sealed", sealed::check),
    ("secrets", secrets::check),
    ("throttle", throttle::check),
    ("tracker", tracker::check),
    ("uri", uri::check),
    ("uri_values", uri_values::check),
];
