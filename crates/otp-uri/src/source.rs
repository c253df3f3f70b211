use alloc::string::String;

use url::{ParseError, Url};
use zeroize::{Zeroize, Zeroizing};

use crate::MAX_LENGTH;
use crate::error::{Error, ErrorKind};
use crate::escape::escape;
use crate::finding::{FindingKind, Findings};
use crate::part::Part;

/// The text of a URI in such a form that a URL parser finds nothing to rewrite in it: trimmed,
/// without line breaks and fragment, every character one that RFC 3986 allows.
pub(crate) struct Source {
    text: Zeroizing<String>,
}

impl Source {
    pub(crate) fn new(text: &str, findings: &mut Findings) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::new(ErrorKind::TooLong, Part::Uri));
        }
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            findings.add(FindingKind::SurroundingSpace, Part::Uri);
        }
        // Room for all of it: growing would leave copies behind.
        let room = trimmed.chars().map(|c| if is_allowed(c) { 1 } else { escaped_len(c) }).sum();
        let mut prepared = Zeroizing::new(String::with_capacity(room));
        let mut part = Part::Label;
        for character in trimmed.chars() {
            match character {
                '\t' | '\n' | '\r' => findings.add(FindingKind::LineBreak, Part::Uri),
                '#' if part == Part::Parameters => {
                    findings.add(FindingKind::Fragment, Part::Uri);
                    break;
                }
                _ if is_allowed(character) => {
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
        Ok(Self { text: prepared })
    }

    /// What is before the first colon, and what is after it.
    pub(crate) fn split(&self) -> Result<(&str, &str), Error> {
        self.text.split_once(':').ok_or(Error::new(ErrorKind::Malformed, Part::Uri))
    }

    /// Reads the URI and wipes the copy that the URL parser made.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Url) -> Result<T, Error>) -> Result<T, Error> {
        let url = Url::parse(&self.text).map_err(|error| match error {
            ParseError::InvalidPort => Error::new(ErrorKind::Malformed, Part::Authority),
            _ => Error::new(ErrorKind::Malformed, Part::Uri),
        })?;
        let result = self.check(&url).and_then(|()| read(&url));
        String::from(url).zeroize();
        result
    }

    /// Refuses what the URL parser took out of its sight or rewrote.
    fn check(&self, url: &Url) -> Result<(), Error> {
        let (_, rest) = self.split()?;
        let hierarchy = rest.strip_prefix("//").unwrap_or_default();
        let authority = hierarchy.split(['/', '?']).next().unwrap_or_default();
        if authority.is_empty() {
            return Err(Error::new(ErrorKind::Missing, Part::Type));
        }
        if authority.contains(['@', ':']) {
            return Err(Error::new(ErrorKind::Malformed, Part::Authority));
        }
        // The parser writes the scheme in lower case. Of the rest it changes nothing but paths.
        match url.as_str().split_once(':') {
            Some((_, parsed)) if parsed == rest => Ok(()),
            _ => Err(Error::new(ErrorKind::DotSegment, Part::Label)),
        }
    }
}

/// The characters of a URI after its authority (RFC 3986 §§ 3.3 and 3.4).
const fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '-' | '.'
                | '_'
                | '~'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | ':'
                | '@'
                | '/'
                | '?'
                | '%'
        )
}

const fn escaped_len(character: char) -> usize {
    character.len_utf8().saturating_mul(3)
}
