use otp_context::{EntropyError, fill};
use otp_core::Secret;

/// An allocator writes into the first bytes of what is freed. The rest is looked for, and a cipher
/// leaves at most its last block.
pub(crate) const LENGTH: usize = 64;
const HEAD: usize = LENGTH - 15;
/// What hides the needle itself.
const MASK: u8 = 0xa5;

/// Bytes to look for, never in memory as they are.
pub(crate) struct Needle(Vec<u8>);

impl Needle {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        Self(bytes.into_iter().map(|byte| byte ^ MASK).collect())
    }

    pub(crate) fn is_at(&self, place: &[u8]) -> bool {
        place.len() == self.0.len()
            && place.iter().zip(&self.0).all(|(byte, masked)| byte ^ MASK == *masked)
    }
}

/// A random key, masked.
pub(crate) struct Canary([u8; LENGTH]);

impl Canary {
    pub(crate) fn new() -> Self {
        let mut masked = [0; LENGTH];
        fill(&mut masked).unwrap();
        Self(masked)
    }

    /// The key, written in place.
    pub(crate) fn secret(&self) -> Secret {
        Secret::fill_with(LENGTH, |buffer| {
            self.write(buffer);
            Ok::<_, otp_core::Error>(())
        })
        .unwrap()
    }

    pub(crate) fn write(&self, buffer: &mut [u8]) {
        for (slot, masked) in buffer.iter_mut().zip(self.0) {
            *slot = masked ^ MASK;
        }
    }

    /// The end of the key as text, without the text ever being in memory as a whole. So many
    /// bytes of the key are not looked at: other bytes may be before them in a message.
    fn text(&self, bits: usize, alphabet: &[u8], skip: usize) -> Needle {
        let bit = |place: usize| {
            let byte = self.0[skip + place / 8] ^ MASK;
            usize::from(byte >> (7 - place % 8) & 1)
        };
        let letters = (LENGTH - skip) * 8 / bits;
        let letter = |place: usize| {
            alphabet[(0..bits).fold(0, |value, at| value * 2 + bit(place * bits + at))]
        };
        Needle::of((letters.saturating_sub(40)..letters).map(letter))
    }

    /// What a source of entropy gives: the end of the key, for the key of recovery codes and for each code.
    /// The id of a set and a nonce are no secrets.
    pub(crate) fn entropy(&self) -> impl Fn(&mut [u8]) -> Result<(), EntropyError> + 'static {
        let masked = self.0;
        move |buffer| {
            if ![8, 24].contains(&buffer.len()) {
                let end = masked[LENGTH - buffer.len()..].iter();
                buffer.iter_mut().zip(end).for_each(|(slot, byte)| *slot = byte ^ MASK);
            }
            Ok(())
        }
    }

    /// The end of what such a source makes: of the bytes, which also end the key, of the symbols, and of the
    /// text with hyphens. They are short, for an allocator writes into the rest of such small values.
    pub(crate) fn recovery_needles(&self) -> Vec<Needle> {
        let symbols = self.text(5, CROCKFORD, LENGTH - 5);
        let text = symbols.0.chunks(4).collect::<Vec<_>>().join(&(b'-' ^ MASK));
        vec![Needle(self.0[LENGTH - 8..].to_vec()), symbols, Needle(text)]
    }

    pub(crate) fn needles(&self) -> Vec<Needle> {
        let base64 = |skip| self.text(6, BASE64, skip);
        let texts = [self.text(5, BASE32, 0), self.text(4, HEX, 0)];
        [Needle(self.0[HEAD..].to_vec())]
            .into_iter()
            .chain(texts)
            .chain((0..3).map(base64))
            .collect()
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
