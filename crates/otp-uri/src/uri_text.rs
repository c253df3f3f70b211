use alloc::string::String;
use core::fmt::{self, Write};

use zeroize::Zeroizing;

use crate::KeyUri;

/// The text of a URI, **with its key**. It is wiped on drop.
pub struct UriText(Zeroizing<String>);

impl UriText {
    pub(crate) fn new(uri: &KeyUri) -> Self {
        // The text has its full size from the start: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(uri.length()));
        // Writing to a string does not fail.
        let _ = write!(text, "{uri}");
        Self(text)
    }

    /// Returns the text, **with the key**.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no key.
impl fmt::Debug for UriText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UriText").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "sha1"))]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use crate::KeyUri;

    #[test]
    fn text_does_not_grow_its_buffer() {
        for name in ["bob", "A%20B:%C3%A9%3A"] {
            let text = format!("otpauth://totp/{name}?secret=GEZDGNBVGY3TQOJQ");
            let uri = KeyUri::parse(&text).unwrap().uri;
            let text = uri.reveal();
            assert_eq!(text.as_str(), uri.to_string());
            // A string that has grown has a larger capacity.
            assert_eq!(text.0.capacity(), text.0.len());
            assert_eq!(format!("{text:?}"), "UriText { .. }");
        }
    }
}
