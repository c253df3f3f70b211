//! Percent-encoding (RFC 3986 § 2.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, ErrorKind};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;
use crate::text::Text;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes a byte as a percent escape with upper-case letters.
pub(crate) fn escape(byte: u8, out: &mut impl Write) -> fmt::Result {
    out.write_char('%')?;
    for nibble in [byte >> 4, byte & 15] {
        let digit = HEX.get(usize::from(nibble)).copied().unwrap_or_default();
        out.write_char(char::from(digit))?;
    }
    Ok(())
}

/// Writes a text, and escapes every byte that is neither unreserved nor `also`.
pub(crate) fn encode(text: &str, also: Option<u8>, out: &mut impl Write) -> fmt::Result {
    for byte in text.bytes() {
        if is_unreserved(byte) || Some(byte) == also {
            out.write_char(char::from(byte))?;
        } else {
            escape(byte, out)?;
        }
    }
    Ok(())
}

/// Returns whether a character never needs an escape (RFC 3986 § 2.3).
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The meaning of a plus sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    Itself,
    Space,
}

/// Decodes a part of a URI. Bytes that are not UTF-8 become U+FFFD.
#[inline(always)]
pub(crate) fn decode<'t>(
    raw: &'t str,
    plus: Plus,
    part: Part,
    findings: &mut Findings,
) -> Result<Text<'t>, Error> {
    // This has no branches, so that the compiler can check many bytes at once.
    let special = |byte| (byte == b'%') | ((byte == b'+') & (plus == Plus::Space));
    if raw.bytes().fold(false, |any, byte| any | special(byte)) {
        decode_escapes(raw, plus, part, findings).map(Text::Copy)
    } else {
        Ok(Text::Same(raw))
    }
}

#[inline(never)]
fn decode_escapes(
    raw: &str,
    plus: Plus,
    part: Part,
    findings: &mut Findings,
) -> Result<Zeroizing<String>, Error> {
    let mut bytes = Vec::with_capacity(raw.len());
    let result = decode_bytes(raw, &mut bytes, |byte| match byte {
        b'+' if plus == Plus::Space => {
            findings.add(FindingKind::PlusAsSpace, part);
            b' '
        }
        byte => byte,
    });
    if result.is_none() {
        bytes.zeroize();
        return Err(Error::new(ErrorKind::Escape, part));
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        findings.add(FindingKind::NotUtf8, part);
        let bytes = Zeroizing::new(error.into_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    });
    Ok(Zeroizing::new(text))
}

/// Checks the escapes in a part of a URI that is not decoded.
pub(crate) fn check(raw: &str, part: Part) -> Result<(), Error> {
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' && escaped(&mut rest).is_none() {
            return Err(Error::new(ErrorKind::Escape, part));
        }
    }
    Ok(())
}

fn decode_bytes(raw: &str, out: &mut Vec<u8>, mut plain: impl FnMut(u8) -> u8) -> Option<()> {
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        out.push(if byte == b'%' { escaped(&mut rest)? } else { plain(byte) });
    }
    Some(())
}

/// Returns the byte of the next two hexadecimal digits.
fn escaped(rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let high = digit()?;
    let low = digit()?;
    Some((high << 4) | low)
}
