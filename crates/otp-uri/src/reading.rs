use alloc::string::String;

use crate::error::{Error, ErrorKind};
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

impl Reading {
    /// Checks that a conforming writer may have written the URI; see [`KeyUri::parse_strict`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Strict`] with the first finding that no conforming writer causes.
    pub fn check_strict(&self) -> Result<(), Error> {
        match self.findings.nonconforming() {
            Some(finding) => Err(Error::new(ErrorKind::Strict(finding.kind()), finding.part())),
            None => Ok(()),
        }
    }
}
