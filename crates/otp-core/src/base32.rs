//! Base32 for keys (RFC 4648 § 6), in and out of a caller's buffer.

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroize;

use crate::{Error, Repairs};

/// Returns the number of letters of a key of so many bytes.
#[must_use]
pub const fn encoded_len(bytes: usize) -> usize {
    // Counted without a product that could overflow.
    (bytes / 5).saturating_mul(8).saturating_add(match bytes % 5 {
        0 => 0,
        1 => 2,
        2 => 4,
        3 => 5,
        _ => 7,
    })
}

/// Returns the buffer size for the key in a text of so many bytes. It is needed in full if the text has
/// letters.
#[must_use]
pub const fn decoded_len(text: usize) -> usize {
    // Counted without a product that could overflow.
    (text / 8).saturating_mul(5).saturating_add((text % 8).saturating_mul(5) / 8)
}

/// Writes a key as upper-case Base32 without padding: the canonical form.
///
/// # Errors
///
/// [`Error::Buffer`] if the buffer is shorter than [`encoded_len`].
///
/// ```
/// use otp_core::base32;
///
/// let mut buffer = [0; 16];
/// assert_eq!(
///     base32::encode(b"Hello!\xde\xad\xbe\xef", &mut buffer),
///     Ok("JBSWY3DPEHPK3PXP")
/// );
/// ```
pub fn encode<'b>(key: &[u8], buffer: &'b mut [u8]) -> Result<&'b str, Error> {
    let needed = encoded_len(key.len());
    let (text, _) = buffer.split_at_mut_checked(needed).ok_or(Error::Buffer { needed })?;
    for (five, eight) in key.chunks(5).zip(text.chunks_mut(8)) {
        BASE32_NOPAD.encode_mut(five, eight);
    }
    core::str::from_utf8(text).map_err(|_| Error::KeyCharacter { position: 0 })
}

/// Reads a key from Base32 into a buffer. It makes the repairs in `accept` and no other.
///
/// Returns the key, which may be empty, and the repairs that were made. A buffer of
/// [`decoded_len`] bytes is always enough. After an error it holds no byte of the key.
///
/// # Errors
///
/// - [`Error::KeyCharacter`]: a character that is not Base32, or would need a repair that is not
///   accepted.
/// - [`Error::KeyLength`]: a last letter that adds no whole byte (one, three or six over a
///   multiple of eight), unless [`Repairs::LENGTH`] is accepted.
/// - [`Error::KeyEnding`]: padding or unused bits that are not accepted.
/// - [`Error::KeyPadding`]: a letter after an equals sign. No repair accepts it: `key=MFRGG` is not the
///   key `KEYMFRGG`.
/// - [`Error::Buffer`]: the key does not fit.
///
/// ```
/// use otp_core::{Repairs, base32};
///
/// let mut buffer = [0; 10];
/// let (key, repairs) =
///     base32::decode("jbsw y3dp-ehpk 3pxp", Repairs::TYPED, &mut buffer)?;
/// assert_eq!(key, b"Hello!\xde\xad\xbe\xef");
/// assert_eq!(repairs, Repairs::CASE | Repairs::SEPARATORS);
/// # Ok::<(), otp_core::Error>(())
/// ```
pub fn decode<'b>(
    text: &str,
    accept: Repairs,
    buffer: &'b mut [u8],
) -> Result<(&'b [u8], Repairs), Error> {
    let mut group = Group { accept, room: decoded_len(text.len()), ..Group::default() };
    let mut written = 0;
    let result = group.read(text, buffer, &mut written);
    group.letters.as_mut_slice().zeroize();
    match result {
        Ok(()) => Ok((buffer.get(..written).unwrap_or_default(), group.made)),
        Err(error) => {
            buffer.zeroize();
            Err(error)
        }
    }
}

/// Decodes the letters at the beginning of a text that come in groups of eight and need no repair;
/// returns how many they are.
fn whole(text: &[u8], buffer: &mut [u8], written: &mut usize) -> Result<usize, Error> {
    let needed = decoded_len(text.len());
    let mut letters = 0_usize;
    for eight in text.as_chunks::<8>().0 {
        let target = buffer.get_mut(*written..).and_then(|rest| rest.first_chunk_mut());
        let mut five = [0; 5];
        if BASE32_NOPAD.decode_mut(eight, &mut five).is_err() {
            break;
        }
        let target = target.map(|target| *target = five);
        five.as_mut_slice().zeroize();
        target.ok_or(Error::Buffer { needed })?;
        *written = written.saturating_add(five.len());
        letters = letters.saturating_add(eight.len());
    }
    Ok(letters)
}

/// Eight letters make five bytes; the reader gathers them here.
#[derive(Default)]
struct Group {
    letters: [u8; 8],
    filled: usize,
    pads: usize,
    /// Bytes that would be enough for the whole text.
    room: usize,
    accept: Repairs,
    made: Repairs,
}

impl Group {
    fn read(&mut self, text: &str, buffer: &mut [u8], written: &mut usize) -> Result<(), Error> {
        // Most keys are in canonical form, and read eight letters at a time.
        let head = whole(text.as_bytes(), buffer, written)?;
        let rest = text.get(head..).unwrap_or_default();
        for (position, character) in (head..).zip(rest.chars()) {
            let (letter, repair) = match character {
                'A'..='Z' | '2'..='7' => (character, Repairs::NONE),
                'a'..='z' => (character.to_ascii_uppercase(), Repairs::CASE),
                '8' => ('B', Repairs::TYPOS),
                '0' => ('O', Repairs::TYPOS),
                '=' => {
                    self.pads = self.pads.saturating_add(1);
                    continue;
                }
                _ => {
                    let repair = Repairs::separator(character);
                    self.note(repair.ok_or(Error::KeyCharacter { position })?, position)?;
                    continue;
                }
            };
            self.note(repair, position)?;
            if self.pads > 0 {
                return Err(Error::KeyPadding);
            }
            if let Some(slot) = self.letters.get_mut(self.filled) {
                *slot = u8::try_from(letter).unwrap_or_default();
                self.filled = self.filled.saturating_add(1);
            }
            if self.filled == self.letters.len() {
                self.flush(buffer, written)?;
            }
        }
        self.finish(buffer, written)
    }

    fn note(&mut self, repair: Repairs, position: usize) -> Result<(), Error> {
        self.made |= repair;
        if self.accept.contains(repair) { Ok(()) } else { Err(Error::KeyCharacter { position }) }
    }

    /// The last group, padding and what is left over.
    fn finish(&mut self, buffer: &mut [u8], written: &mut usize) -> Result<(), Error> {
        if self.pads > 0 {
            let open = matches!(self.filled, 2 | 4 | 5 | 7);
            let right = open && self.filled.saturating_add(self.pads) == 8;
            self.made |= if right { Repairs::PADDING } else { Repairs::STRAY_PADDING };
        }
        if matches!(self.filled, 1 | 3 | 6) {
            self.made |= Repairs::LENGTH;
        }
        self.flush(buffer, written)?;
        let refused = self.made.without(self.accept);
        if refused.contains(Repairs::LENGTH) {
            Err(Error::KeyLength)
        } else if refused.is_empty() {
            Ok(())
        } else {
            Err(Error::KeyEnding)
        }
    }

    /// Decodes what was gathered. Missing letters count as `A`, which is five zero bits, so the
    /// first byte that is not whole shows whether the bits left over are zero.
    fn flush(&mut self, buffer: &mut [u8], written: &mut usize) -> Result<(), Error> {
        for letter in self.letters.iter_mut().skip(self.filled) {
            *letter = b'A';
        }
        let mut bytes = [0; 5];
        BASE32_NOPAD
            .decode_mut(&self.letters, &mut bytes)
            .map_err(|_| Error::KeyCharacter { position: 0 })?;
        let whole = self.filled.saturating_mul(5) / 8;
        if bytes.get(whole).is_some_and(|rest| *rest != 0) {
            self.made |= Repairs::BITS;
        }
        let end = written.saturating_add(whole);
        let target = buffer.get_mut(*written..end);
        let target = target.map(|target| {
            for (slot, byte) in target.iter_mut().zip(bytes) {
                *slot = byte;
            }
        });
        bytes.as_mut_slice().zeroize();
        target.ok_or(Error::Buffer { needed: self.room })?;
        (*written, self.filled) = (end, 0);
        Ok(())
    }
}
