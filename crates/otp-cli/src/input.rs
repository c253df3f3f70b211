//! What a command reads: options, lines, keys.

pub(crate) mod batches;
pub(crate) mod found;
pub(crate) mod kind;
pub(crate) mod line;
pub(crate) mod lines;
pub(crate) mod number;
pub(crate) mod parse;
pub(crate) mod prompts;
#[cfg(unix)]
pub(crate) mod silence;
pub(crate) mod stdin;
pub(crate) mod subject;
pub(crate) mod terminal;
pub(crate) mod time;
