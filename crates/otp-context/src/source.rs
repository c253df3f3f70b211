use crate::{Credential, Record};

/// What a context can make a credential of: a URI, a record, another credential.
///
/// Text other than a URI, such as JSON, becomes a [`Record`] elsewhere.
#[derive(Debug)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "it is passed on at once, never kept")]
pub enum Source<'a> {
    /// An `otpauth` URI.
    Uri(&'a str),
    /// A stored record.
    Record(&'a Record),
    /// A credential, perhaps of another context.
    Credential(Credential),
}

impl<'a> From<&'a str> for Source<'a> {
    fn from(uri: &'a str) -> Self {
        Self::Uri(uri)
    }
}

impl<'a> From<&'a Record> for Source<'a> {
    fn from(record: &'a Record) -> Self {
        Self::Record(record)
    }
}

impl From<Credential> for Source<'_> {
    fn from(credential: Credential) -> Self {
        Self::Credential(credential)
    }
}
