use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::EntropyError;
use crate::recovery::{MalformedRecoveryCode, RecoveryCodeSize};

/// Crockford's Base32: digits and letters without I, L, O and U.
const ALPHABET: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The most symbols of a code.
const MOST: usize = 24;
/// The bytes that they encode.
const BYTES: usize = 15;
/// The symbols between two hyphens.
const GROUP: usize = 4;
/// The most characters of a code as it is shown.
const SHOWN: usize = 29;

/// A recovery code: generated, or typed and well formed. It is wiped on drop.
///
/// Comparing two codes of one size takes constant time. Only [`RecoveryCode::reveal`] shows it. It can be
/// neither printed nor cloned:
///
/// ```compile_fail,E0277
/// # fn show(code: &otp_context::recovery::RecoveryCode) {
/// println!("{code}");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn keep(code: otp_context::recovery::RecoveryCode) -> otp_context::recovery::RecoveryCode {
/// code.clone()
/// # }
/// ```
pub struct RecoveryCode {
    /// ASCII, zeros after the last symbol. On the heap, so that a code that moves leaves no copy behind.
    symbols: Box<[u8; MOST]>,
    size: RecoveryCodeSize,
}

impl RecoveryCode {
    /// The most bytes of a typed code, separators included.
    pub const LONGEST_TEXT: usize = 128;

    /// Makes a random code.
    ///
    /// # Errors
    ///
    /// Those of `fill`. There is no fallback.
    ///
    /// ```
    /// use otp_context::recovery::{RecoveryCode, RecoveryCodeSize};
    ///
    /// let code =
    ///     RecoveryCode::generate(RecoveryCodeSize::Standard, otp_context::fill)?;
    /// assert_eq!(code.reveal().as_str().len(), "7K3M-9QXA-0T5V-WHZ2".len());
    /// # Ok::<(), otp_context::EntropyError>(())
    /// ```
    pub fn generate(
        size: RecoveryCodeSize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<Self, EntropyError> {
        let mut code = Self::blank(size);
        code.draw(fill)?;
        Ok(code)
    }

    /// A code without symbols, to be filled in place.
    pub(crate) fn blank(size: RecoveryCodeSize) -> Self {
        Self { symbols: Box::new([0; MOST]), size }
    }

    /// Writes random symbols in place, so that no copy of them is left behind.
    pub(crate) fn draw(
        &mut self,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<(), EntropyError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let bytes = bytes.get_mut(..usize::from(self.size.bits() / 8)).unwrap_or_default();
        fill(bytes)?;
        let groups = self.symbols.as_chunks_mut::<8>().0;
        for (eight, five) in groups.iter_mut().zip(bytes.as_chunks::<5>().0) {
            let [a, b, c, d, e] = *five;
            let mut bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
            for symbol in eight.iter_mut().rev() {
                let place = usize::try_from(bits & 31).unwrap_or_default();
                *symbol = ALPHABET.get(place).copied().unwrap_or_default();
                bits >>= 5;
            }
        }
        Ok(())
    }

    /// Reads a typed or pasted code.
    ///
    /// White space and hyphens of any kind (U+002D, U+2010 to U+2015, U+2212) are ignored. Letters may be in
    /// either case. I and L are read as 1, and O as 0.
    ///
    /// # Errors
    ///
    /// - [`MalformedRecoveryCode::Character`]: any other character, so also the letter U.
    /// - [`MalformedRecoveryCode::Length`]: neither 16 nor 24 symbols, or more than 128 bytes with separators
    ///   ([`RecoveryCode::LONGEST_TEXT`]). Such a text is not read further.
    ///
    /// ```
    /// use otp_context::recovery::RecoveryCode;
    ///
    /// let code = RecoveryCode::parse("7k3m 9qxa ot5v whz2")?;
    /// assert_eq!(code.reveal().as_str(), "7K3M-9QXA-0T5V-WHZ2");
    /// assert!(RecoveryCode::parse("123456").is_err());
    /// # Ok::<(), otp_context::recovery::MalformedRecoveryCode>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, MalformedRecoveryCode> {
        if text.len() > Self::LONGEST_TEXT {
            return Err(MalformedRecoveryCode::Length);
        }
        let (mut code, mut length) = (Self::blank(RecoveryCodeSize::Long), 0_u8);
        for character in text.chars().filter(|character| !is_separator(*character)) {
            let symbol = symbol(character).ok_or(MalformedRecoveryCode::Character)?;
            // If the text is too long, the symbols do not matter.
            if let Some(slot) = code.symbols.get_mut(usize::from(length)) {
                *slot = symbol;
            }
            length = length.saturating_add(1);
        }
        let size = RecoveryCodeSize::ALL.into_iter().find(|size| size.symbols() == length);
        code.size = size.ok_or(MalformedRecoveryCode::Length)?;
        Ok(code)
    }

    /// Returns its size.
    #[must_use]
    pub const fn size(&self) -> RecoveryCodeSize {
        self.size
    }

    /// Returns the code as people read it: upper case, in groups of four symbols with hyphens between.
    #[must_use]
    pub fn reveal(&self) -> RecoveryCodeText {
        // Room for all of it: growing would leave copies behind.
        let mut text = RecoveryCodeText(String::with_capacity(SHOWN));
        for (place, group) in self.symbols().chunks(GROUP).enumerate() {
            if place > 0 {
                text.0.push('-');
            }
            group.iter().for_each(|symbol| text.0.push(char::from(*symbol)));
        }
        text
    }

    pub(crate) fn symbols(&self) -> &[u8] {
        self.symbols.get(..usize::from(self.size.symbols())).unwrap_or_default()
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}') || character.is_whitespace()
}

/// The symbol that a character stands for.
fn symbol(character: char) -> Option<u8> {
    let symbol = match character.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    u8::try_from(symbol).ok().filter(|symbol| ALPHABET.contains(symbol))
}

impl Drop for RecoveryCode {
    fn drop(&mut self) {
        self.symbols.zeroize();
    }
}

impl PartialEq for RecoveryCode {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && bool::from(self.symbols.ct_eq(&*other.symbols))
    }
}

impl Eq for RecoveryCode {}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCode").field("size", &self.size).finish_non_exhaustive()
    }
}

/// A recovery code as text, wiped on drop.
pub struct RecoveryCodeText(String);

impl RecoveryCodeText {
    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for RecoveryCodeText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for RecoveryCodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCodeText").finish_non_exhaustive()
    }
}
