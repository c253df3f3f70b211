use core::fmt;

/// Gives a visitor the `expecting` that serde demands. Its text is never shown: every reader
/// replaces the format's message by one of its own.
macro_rules! unused_expecting {
    () => {
        fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("another value")
        }
    };
}
pub(crate) use unused_expecting;

/// An error of a form: the part and the bound, never the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormError {
    /// A field that the form does not have.
    Unknown,
    /// A field whose name is no text.
    Name,
    /// A field that is there twice.
    Duplicate(&'static str),
    /// A field that is not there and must be.
    Missing(&'static str),
    /// A key that is not there, as either field.
    #[cfg(feature = "wallet")]
    NoKey(&'static str, &'static str),
    /// A field that the type of the form does not have.
    #[cfg(feature = "alloc")]
    Foreign(&'static str),
    /// Fields that are valid each, and not together: the part, and the text.
    Bound(&'static str, &'static str),
    /// A name with a colon.
    #[cfg(feature = "passlib")]
    Colon(&'static str),
    /// The parts of a URI that do not go together.
    #[cfg(feature = "alloc")]
    Uri(otp_uri::Error),
    /// An encrypted key of passlib's.
    #[cfg(feature = "passlib")]
    Passlib(otp_context::wallet::passlib::PasslibError),
}

impl FormError {
    /// The field that it is about.
    pub(crate) const fn part(&self) -> Option<&'static str> {
        match *self {
            Self::Duplicate(part) | Self::Missing(part) | Self::Bound(part, _) => Some(part),
            #[cfg(feature = "alloc")]
            Self::Foreign(part) => Some(part),
            #[cfg(feature = "wallet")]
            Self::NoKey(part, _) => Some(part),
            #[cfg(feature = "passlib")]
            Self::Colon(part) => Some(part),
            _ => None,
        }
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown field"),
            Self::Name => f.write_str("field name must be text"),
            Self::Duplicate(name) => write!(f, "duplicate {name}"),
            Self::Missing(name) => write!(f, "missing {name}"),
            #[cfg(feature = "wallet")]
            Self::NoKey(name, other) => write!(f, "missing {name} or {other}"),
            #[cfg(feature = "alloc")]
            Self::Foreign(name) => write!(f, "{name} contradicts the type"),
            Self::Bound(_, text) => f.write_str(text),
            #[cfg(feature = "passlib")]
            Self::Colon(name) => write!(f, "{name} must not have a colon"),
            #[cfg(feature = "alloc")]
            Self::Uri(error) => error.fmt(f),
            #[cfg(feature = "passlib")]
            Self::Passlib(error) => error.fmt(f),
        }
    }
}

/// An error that a reader found, before it becomes an error of the format, which is text.
#[cfg_attr(not(feature = "wallet"), expect(dead_code, reason = "only readers of records listen"))]
#[derive(Clone, Copy)]
pub(crate) enum Problem<'a> {
    Form(FormError),
    /// A value is invalid; the message.
    Value(&'a dyn fmt::Display),
}

/// Receives each problem with the part that it is in. The first problem is the reason.
pub(crate) type Report<'a> = &'a dyn Fn(&'static str, Problem<'_>);
