use alloc::string::String;

use crate::{Findings, KeyUri};

/// What the tolerant reader made of a text.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The value.
    pub uri: KeyUri,
    /// What was odd, and how it was read.
    pub findings: Findings,
    /// The issuer as the label had it, if it had one. The issuer parameter goes before it.
    pub prefix: Option<String>,
    /// The `image` parameter: an address, not checked.
    pub image: Option<String>,
    /// The `color` parameter, not checked.
    pub color: Option<String>,
    /// The `lock` parameter, not checked.
    pub lock: Option<String>,
}
