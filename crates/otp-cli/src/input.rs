//! What a command reads: options, lines, keys.

pub(crate) mod batches;
pub(crate) mod found;
pub(crate) mod key_source;
pub(crate) mod kind_options;
pub(crate) mod line;
pub(crate) mod lines;
#[cfg(unix)]
pub(crate) mod no_echo;
pub(crate) mod number;
pub(crate) mod parse;
pub(crate) mod prompts;
pub(crate) mod screen;
pub(crate) mod stdin;
pub(crate) mod terminal;
pub(crate) mod time;
