use alloc::string::String;

use crate::error::{Error, ErrorKind};
use crate::{Findings, KeyUri};

/// The result of the tolerant reader, [`KeyUri::parse`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedUri {
    /// The URI.
    pub uri: KeyUri,
    /// What the reader tolerated.
    pub findings: Findings,
    /// The issuer in the label, if there is one. The issuer parameter overrides it.
    pub prefix: Option<String>,
    /// The `image` parameter: an address, unchecked.
    pub image: Option<String>,
    /// The `color` parameter, unchecked.
    pub color: Option<String>,
    /// The `lock` parameter, unchecked.
    pub lock: Option<String>,
}

impl ParsedUri {
    /// Checks that the URI conforms to the specifications, as [`KeyUri::parse_strict`] does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Strict`] with the first finding that a conforming writer does not cause.
    pub fn check_strict(&self) -> Result<(), Error> {
        match self.findings.nonconforming() {
            Some(finding) => Err(Error::new(ErrorKind::Strict(finding.kind()), finding.part())),
            None => Ok(()),
        }
    }
}
