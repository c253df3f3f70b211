use core::fmt;

/// What a visitor expects, for the texts that a format makes up. Nobody sees them: whoever reads a
/// value puts a text of ours in their place.
macro_rules! unsaid {
    () => {
        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("another value")
        }
    };
}
pub(crate) use unsaid;

/// What is wrong with a form: the part and the bound, never what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A field that the form does not have.
    Unknown,
    /// A field whose name is no text.
    Name,
    /// A field that is there twice.
    Duplicate(&'static str),
    /// A field that is not there and must be.
    Missing(&'static str),
    /// A field that the type of the form does not have.
    #[cfg(feature = "alloc")]
    Foreign(&'static str),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown field"),
            Self::Name => f.write_str("field name must be text"),
            Self::Duplicate(name) => write!(f, "duplicate {name}"),
            Self::Missing(name) => write!(f, "missing {name}"),
            #[cfg(feature = "alloc")]
            Self::Foreign(name) => write!(f, "{name} contradicts the type"),
        }
    }
}
