use core::fmt;

/// Adds the method `expecting` that serde requires of a visitor. Its text is never shown: every reader
/// replaces the format's message.
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
    /// The form has no such field.
    Unknown,
    /// The name of a field is not text.
    Name,
    /// The field is duplicate.
    Duplicate(&'static str),
    /// The field is required, and missing.
    Missing(&'static str),
    /// The key is missing: neither of its two fields is present.
    #[cfg(feature = "wallet")]
    NoKey(&'static str, &'static str),
    /// The type of codes has no such field.
    #[cfg(feature = "alloc")]
    Foreign(&'static str),
    /// Fields that are valid alone are not valid together: the part, and the text.
    Bound(&'static str, &'static str),
    /// A name has a colon.
    #[cfg(feature = "passlib")]
    Colon(&'static str),
    /// The parts do not form a URI.
    #[cfg(feature = "alloc")]
    Uri(otp_uri::Error),
    /// The encrypted key of passlib is not valid.
    #[cfg(feature = "passlib")]
    Passlib(otp_context::wallet::passlib::PasslibError),
}

impl FormError {
    /// Returns the field that the error is about, if it is a single one.
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

/// A problem that a reader found, before it becomes an error of the format, which has only text.
#[cfg_attr(not(feature = "wallet"), expect(dead_code, reason = "only readers of records listen"))]
#[derive(Clone, Copy)]
pub(crate) enum Problem<'a> {
    Form(FormError),
    /// A value is invalid: the message.
    Value(&'a dyn fmt::Display),
}

/// Receives each problem and its part. The first problem is the reason of the error.
pub(crate) type Report<'a> = &'a dyn Fn(&'static str, Problem<'_>);
