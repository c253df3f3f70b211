use core::fmt;

/// Why a stored key should be re-encrypted under the wallet's current tag.
///
/// Write it back only if the stored key is unchanged: a slow write must not undo a new enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reseal {
    /// The key is stored in plain text, and there is a wallet.
    Plain,
    /// The key is sealed under a tag that is not the current one.
    Tag,
    /// The key is encrypted with a cost that is not the current one (passlib).
    Cost,
    /// The key is encrypted and not authenticated (passlib): anyone with write access to the database
    /// may have changed it.
    Unauthenticated,
}

impl fmt::Display for Reseal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "key is stored in plain text",
            Self::Tag => "key is sealed under an old tag",
            Self::Cost => "key is encrypted with another cost",
            Self::Unauthenticated => "key is encrypted without authentication",
        })
    }
}
