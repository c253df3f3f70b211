use alloc::string::String;
use core::ops::Deref;

use zeroize::Zeroizing;

/// A part of a text: as it stands there, or a copy with something put right, which is wiped.
///
/// Most need nothing put right, so most are not copied.
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
