use alloc::string::String;
use core::ops::Deref;

use zeroize::Zeroizing;

/// A part of a text: borrowed, or a repaired copy, which is wiped.
///
/// Most texts need no repair, so most are not copied.
pub(crate) enum Text<'t> {
    Same(&'t str),
    Copy(Zeroizing<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Same(text) => text,
            Self::Copy(text) => text,
        }
    }
}
