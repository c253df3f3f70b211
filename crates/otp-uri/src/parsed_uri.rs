use alloc::string::String;

use crate::error::{Error, ErrorKind};
use crate::{Findings, KeyUri};

/// A URI as the tolerant reader [`KeyUri::parse`] read it.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedUri {
    /// The URI.
    pub uri: KeyUri,
    /// What the reader tolerated, and how it read that.
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

impl ParsedUri {
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
