use alloc::string::String;

use url::{ParseError, Url};
use zeroize::{Zeroize, Zeroizing};

use crate::MAX_LENGTH;
use crate::error::{Error, ErrorKind};
use crate::escape::escape;
use crate::finding::{FindingKind, Findings};
use crate::part::Part;
use crate::text::Text;

/// The text of a URI in such a form that a URL parser finds nothing to rewrite in it: trimmed,
/// without line breaks and fragment, every character one that RFC 3986 allows.
pub(crate) struct Source<'t> {
    text: Text<'t>,
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
            return Ok(Self { text: Text::Same(trimmed) });
        }
        Ok(Self { text: Text::Copy(Self::rewritten(trimmed, findings)) })
    }

    fn rewritten(text: &str, findings: &mut Findings) -> Zeroizing<String> {
        // Room for all of it: growing would leave copies behind.
        let room =
            text.chars().map(|c| if is_allowed_character(c) { 1 } else { escaped_len(c) }).sum();
        let mut prepared = Zeroizing::new(String::with_capacity(room));
        let mut part = Part::Label;
        for character in text.chars() {
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

    /// What is before the first colon, and what is after it.
    pub(crate) fn split(&self) -> Result<(&str, &str), Error> {
        self.text.split_once(':').ok_or(Error::new(ErrorKind::Malformed, Part::Uri))
    }

    /// Parses it as a URL.
    pub(crate) fn parse(&self) -> Result<Parsed, Error> {
        let url = Url::parse(&self.text).map_err(|error| match error {
            ParseError::InvalidPort => Error::new(ErrorKind::Malformed, Part::Authority),
            _ => Error::new(ErrorKind::Malformed, Part::Uri),
        })?;
        let url = Parsed(Some(url));
        self.check(&url)?;
        Ok(url)
    }

    /// Refuses what the URL parser took out of its sight or rewrote.
    fn check(&self, url: &Parsed) -> Result<(), Error> {
        let (scheme, rest) = self.split()?;
        let hierarchy = rest.strip_prefix("//").unwrap_or_default();
        let authority = hierarchy.split(['/', '?']).next().unwrap_or_default();
        if authority.is_empty() {
            return Err(Error::new(ErrorKind::Missing, Part::Type));
        }
        if authority.contains(['@', ':']) {
            return Err(Error::new(ErrorKind::Malformed, Part::Authority));
        }
        // The parser writes the scheme in lower case. Of the rest it changes nothing but paths.
        if url.text().get(scheme.len()..).and_then(|parsed| parsed.strip_prefix(':')) == Some(rest)
        {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::DotSegment, Part::Label))
        }
    }
}

/// A parsed URL, which is a copy of the text and wiped when it goes.
pub(crate) struct Parsed(Option<Url>);

impl Parsed {
    pub(crate) fn host(&self) -> &str {
        self.0.as_ref().and_then(Url::host_str).unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.as_ref().map(Url::path).unwrap_or_default()
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.0.as_ref().and_then(Url::query)
    }

    fn text(&self) -> &str {
        self.0.as_ref().map(Url::as_str).unwrap_or_default()
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        let mut copy = self.0.take().map(String::from).unwrap_or_default().into_bytes();
        copy.as_mut_slice().zeroize();
        copy.spare_capacity_mut().zeroize();
    }
}

/// The characters of a URI after its authority (RFC 3986 §§ 3.3 and 3.4).
///
/// Without branches, so that many are looked at together.
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
