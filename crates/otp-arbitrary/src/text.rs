//! External text, well formed or not.

use arbitrary::{Result, Unstructured};

use otp_uri::KeyUri;

use crate::{code, key_uri, secret};

pub use crate::due::{due_code, due_hotp_code, due_uri_code};
pub use crate::recovery::typed_recovery_code;

/// Texts that people type into a code.
pub(crate) const SEPARATORS: [&str; 8] = [" ", "-", "0", "٣", "６", ".", "\n", "O"];

/// Returns the name of an account or an issuer: up to 64 characters. Colons, slashes, white space and
/// other alphabets are more likely than usual.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn name(bytes: &mut Unstructured<'_>) -> Result<String> {
    const ODD: [&str; 16] = [
        ":", "/", " ", "%3A", "+", "&", "=", "#", "?", "..", "\u{feff}", "\u{301}", "é", "名", "@",
        "\0",
    ];
    let mut name = String::new();
    while name.chars().count() < 60 && bytes.ratio(7, 8)? {
        if bytes.arbitrary()? {
            name.push_str(bytes.choose(&ODD)?);
        } else {
            name.push(bytes.arbitrary()?);
        }
        if bytes.is_empty() {
            break;
        }
    }
    Ok(name)
}

/// Returns a typed code of any key: with separators, a missing or extra character, or other digits. No
/// login accepts it. For a code that may be accepted see [`due_code`].
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn typed_code(bytes: &mut Unstructured<'_>) -> Result<String> {
    let code = code(bytes)?.text().to_string();
    damaged(bytes, code, &SEPARATORS)
}

/// Returns a pasted key in Base32: in groups, in lower case, padded, or with typing errors.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn typed_key(bytes: &mut Unstructured<'_>) -> Result<String> {
    let secret = secret(bytes)?;
    let text = secret.reveal_base32();
    let text = match bytes.int_in_range(0..=2)? {
        0 => text.as_str().to_owned(),
        1 => text.grouped(4, " ").as_str().to_ascii_lowercase(),
        _ => text.grouped(4, "-").as_str().to_owned(),
    };
    damaged(bytes, text, &[" ", "-", "=", "0", "1", "8", "é", "\t"])
}

/// Returns a URI of another program: with duplicate parameters, in another order, in other spellings,
/// or with invalid values.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn uri(bytes: &mut Unstructured<'_>) -> Result<String> {
    let uri = key_uri(bytes)?;
    dialect(bytes, &uri)
}

/// Returns this URI as another program may write it: see [`uri`].
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn dialect(bytes: &mut Unstructured<'_>, uri: &KeyUri) -> Result<String> {
    const MORE: [&str; 12] = [
        "&algorithm=sha-256",
        "&algorithm=MD5",
        "&digits=5",
        "&digits=08",
        "&period=0",
        "&period=60",
        "&counter=18446744073709551616",
        "&counter=0",
        "&secret=GEZDGNBV",
        "&issuer=a%3Ab",
        "&image=https://example.com/a.png",
        "&",
    ];
    let mut uri = uri.to_string();
    while bytes.ratio(1, 2)? && !bytes.is_empty() {
        uri.push_str(bytes.choose(&MORE)?);
    }
    if bytes.ratio(1, 4)? {
        uri = uri.replacen("otpauth://", "OTPAUTH:", 1);
    }
    damaged(bytes, uri, &["%", "+", "%zz", ":", "/", "?", "&", "=", "#", "\u{a0}"])
}

/// Returns a text. Half of the time it has an insertion, or lacks a character.
pub(crate) fn damaged(
    bytes: &mut Unstructured<'_>,
    mut text: String,
    with: &[&str],
) -> Result<String> {
    if bytes.arbitrary()? {
        let ends = [text.len()];
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain(ends).collect();
        let place = *bytes.choose(&places)?;
        // At the end there is no character to leave out.
        if place == text.len() || bytes.arbitrary()? {
            text.insert_str(place, bytes.choose(with)?);
        } else {
            text.remove(place);
        }
    }
    Ok(text)
}
