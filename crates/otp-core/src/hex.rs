//! Base16 for keys (RFC 4648 § 8), in and out of a caller's buffer.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroize;

use crate::{Error, Repairs};

/// Writes a key as lower-case hex.
///
/// # Errors
///
/// [`Error::Buffer`] if the buffer is shorter than two digits a byte.
///
/// ```
/// assert_eq!(otp_core::hex::encode(&[0x0a, 0xff], &mut [0; 4]), Ok("0aff"));
/// ```
pub fn encode<'b>(key: &[u8], buffer: &'b mut [u8]) -> Result<&'b str, Error> {
    let needed = key.len().saturating_mul(2);
    let (text, _) = buffer.split_at_mut_checked(needed).ok_or(Error::Buffer { needed })?;
    HEXLOWER.encode_mut(key, text);
    core::str::from_utf8(text).map_err(|_| Error::KeyCharacter { position: 0 })
}

/// Reads a key from hex of either case into a buffer. It makes the repairs in `accept` and no other.
///
/// Returns the key, which may be empty, and the repairs that were made: separators, white space
/// and equals signs at the end passed over. A buffer of half the text's length is always enough; after an
/// error it holds nothing of the key.
///
/// # Errors
///
/// - [`Error::KeyCharacter`]: a character that is no hex digit, and that no accepted repair ignores.
/// - [`Error::KeyLength`]: an odd number of digits.
/// - [`Error::KeyPadding`]: a digit after an equals sign.
/// - [`Error::Buffer`]: the key does not fit.
///
/// ```
/// use otp_core::{Repairs, hex};
///
/// let mut buffer = [0; 2];
/// assert_eq!(
///     hex::decode("0A-ff", Repairs::TYPED, &mut buffer)?.0,
///     &[0x0a, 0xff]
/// );
/// # Ok::<(), otp_core::Error>(())
/// ```
pub fn decode<'b>(
    text: &str,
    accept: Repairs,
    buffer: &'b mut [u8],
) -> Result<(&'b [u8], Repairs), Error> {
    let mut written = 0;
    match read(text, accept, buffer, &mut written) {
        Ok(made) => Ok((buffer.get(..written).unwrap_or_default(), made)),
        Err(error) => {
            buffer.zeroize();
            Err(error)
        }
    }
}

fn read(
    text: &str,
    accept: Repairs,
    buffer: &mut [u8],
    written: &mut usize,
) -> Result<Repairs, Error> {
    let mut made = Repairs::NONE;
    let (mut first, mut padded) = (None, false);
    for (position, character) in text.chars().enumerate() {
        let wrong = Error::KeyCharacter { position };
        if !character.is_ascii_hexdigit() {
            padded |= character == '=';
            let repair = match character {
                '=' => Repairs::STRAY_PADDING,
                _ => Repairs::separator(character).ok_or(wrong)?,
            };
            made |= repair;
            if !accept.contains(repair) {
                return Err(wrong);
            }
            continue;
        }
        if padded {
            return Err(Error::KeyPadding);
        }
        let digit = u8::try_from(character).map_err(|_| wrong)?;
        let Some(high) = first.take() else {
            first = Some(digit);
            continue;
        };
        let end = written.saturating_add(1);
        let target = buffer.get_mut(*written..end);
        let target = target.ok_or(Error::Buffer { needed: text.len() / 2 })?;
        HEXLOWER_PERMISSIVE.decode_mut(&[high, digit], target).map_err(|_| wrong)?;
        *written = end;
    }
    if first.is_some() { Err(Error::KeyLength) } else { Ok(made) }
}
