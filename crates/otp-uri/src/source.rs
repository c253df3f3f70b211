use alloc::string::String;

use url::{ParseError, Url};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::escape::escape;
use crate::finding::{FindingKind, Findings};
use crate::part::Part;
use crate::text::Text;
use crate::{MAX_LENGTH, html, second};

/// The text of a URI in a form that a URL parser does not rewrite: trimmed, without line breaks and
/// fragment, and only with characters that RFC 3986 allows.
pub(crate) struct Source<'t> {
    text: Text<'t>,
    /// Whether the dropped fragment has another URI.
    lost: bool,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str, findings: &mut Findings) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::new(ErrorKind::TooLong, Part::Uri));
        }
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            findings.add(FindingKind::SurroundingSpace, Part::Uri);
        }
        if trimmed.bytes().fold(true, |all, byte| all & is_allowed(byte)) {
            return Ok(Self { text: Text::Same(trimmed), lost: false });
        }
        let lost = trimmed.split_once('#').is_some_and(|(_, rest)| second::holds_uri(rest));
        Ok(Self { text: Text::Copy(Self::rewritten(trimmed, findings)), lost })
    }

    fn rewritten(text: &str, findings: &mut Findings) -> Zeroizing<String> {
        // The text has its full size from the start: growing would leave copies behind.
        let room =
            text.chars().map(|c| if is_allowed_character(c) { 1 } else { escaped_len(c) }).sum();
        let mut prepared = Zeroizing::new(String::with_capacity(room));
        let mut part = Part::Label;
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            if part == Part::Parameters
                && let Some(after) = html::after_number(character, &prepared, rest.as_str())
            {
                findings.add(FindingKind::EscapedAmpersand, part);
                if character != '#' {
                    prepared.push('&');
                }
                rest = after.chars();
                continue;
            }
            match character {
                '\t' | '\n' | '\r' => findings.add(FindingKind::LineBreak, Part::Uri),
                '#' if part == Part::Parameters => {
                    findings.add(FindingKind::Fragment, Part::Uri);
                    break;
                }
                _ if is_allowed_character(character) => {
                    if character == '?' {
                        part = Part::Parameters;
                    }
                    prepared.push(character);
                }
                _ => {
                    findings.add(FindingKind::RawCharacter, part);
                    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                        // Writing to a string does not fail.
                        let _ = escape(byte, &mut *prepared);
                    }
                }
            }
        }
        prepared
    }

    /// Splits the text at the first colon.
    pub(crate) fn split(&self) -> Result<(&str, &str), Error> {
        self.text.split_once(':').ok_or(Error::new(ErrorKind::Malformed, Part::Uri))
    }

    /// Returns the parameters.
    pub(crate) fn query(&self) -> Option<&str> {
        self.halves().1
    }

    /// Parses everything before the query, and refuses text that a URL parser removes or rewrites.
    ///
    /// A parser would only copy a query of allowed characters. The query contains the key, so it is
    /// left out.
    pub(crate) fn url(&self) -> Result<Url, Error> {
        let (_, rest) = self.split()?;
        if self.lost || second::holds_uri(rest) {
            return Err(Error::new(ErrorKind::Several, Part::Uri));
        }
        let (text, _) = self.halves();
        let url = Url::parse(text).map_err(|error| match error {
            ParseError::InvalidPort => Error::new(ErrorKind::Malformed, Part::Authority),
            _ => Error::new(ErrorKind::Malformed, Part::Uri),
        })?;
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        let authority = rest.strip_prefix("//").and_then(|rest| rest.split('/').next());
        let authority = authority.filter(|authority| !authority.is_empty());
        if authority.ok_or(Error::new(ErrorKind::Missing, Part::Type))?.contains(['@', ':']) {
            return Err(Error::new(ErrorKind::Malformed, Part::Authority));
        }
        // The parser writes the scheme in lower case. In the rest it changes only paths.
        let parsed = url.as_str().get(scheme.len()..).and_then(|text| text.strip_prefix(':'));
        if parsed == Some(rest) {
            Ok(url)
        } else {
            Err(Error::new(ErrorKind::DotSegment, Part::Label))
        }
    }

    fn halves(&self) -> (&str, Option<&str>) {
        match self.text.split_once('?') {
            Some((text, query)) => (text, Some(query)),
            None => (&self.text, None),
        }
    }
}

/// Returns whether a URI may have a character after its authority (RFC 3986 §§ 3.3 and 3.4).
///
/// This has no branches, so that the compiler can check many characters at once.
const fn is_allowed(byte: u8) -> bool {
    const fn within(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last.wrapping_sub(first)
    }
    within(byte, b'a', b'z')
        | within(byte, b'?', b'Z')
        | within(byte, b'$', b';')
        | (byte == b'!')
        | (byte == b'=')
        | (byte == b'_')
        | (byte == b'~')
}

fn is_allowed_character(character: char) -> bool {
    u8::try_from(character).is_ok_and(is_allowed)
}

const fn escaped_len(character: char) -> usize {
    character.len_utf8().saturating_mul(3)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::Source;
    use crate::finding::Findings;

    #[test]
    fn escaped_text_does_not_grow_its_buffer() {
        for name in ["bob b", "\u{e9}", "\u{e9}\u{20ac}\u{1f511} |<>"] {
            let text = format!("otpauth://totp/{name}?secret=GEZDGNBVGY3TQOJQ");
            let copy = Source::rewritten(&text, &mut Findings::default());
            // A string that has grown has a larger capacity.
            assert_eq!(copy.capacity(), copy.len(), "{name}");
        }
    }
}
