use core::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::division::{by_ten, by_unit};
use crate::{Digits, Malformed};

/// The alphabet of Steam Guard's codes.
const STEAM: [u8; 26] = *b"23456789BCDFGHJKMNPQRTVWXY";
const STEAM_LENGTH: u8 = 5;
/// 26^5.
const STEAM_CODES: u32 = 11_881_376;
/// The powers of 26 below that.
const STEAM_UNITS: [u32; 5] = [456_976, 17_576, 676, 26, 1];

/// How the 31 bits of a truncated MAC become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeFormat {
    /// Decimal digits with leading zeros (RFC 4226 § 5.3).
    Decimal(Digits),
    /// Five characters of Steam Guard's alphabet, least significant first.
    Steam,
}

impl CodeFormat {
    /// Returns the number of characters of a code: 5 to 10.
    #[must_use]
    pub const fn length(self) -> u8 {
        match self {
            Self::Decimal(digits) => digits.get(),
            Self::Steam => STEAM_LENGTH,
        }
    }

    /// Returns the size of the space to guess in: one over the odds of the likeliest code.
    ///
    /// It is less than there are codes, since 2^31 truncated values do not fall on them evenly: by
    /// less than 0.2 % for up to seven digits and Steam, 2.4 % for eight, 29 % for nine, and ten
    /// digits have but 2^31 codes.
    #[must_use]
    pub const fn guess_space(self) -> u32 {
        const VALUES: u32 = 1 << 31;
        // Divided by how many of the values make the likeliest code.
        match self {
            Self::Decimal(digits) => match digits.get() {
                6 => VALUES / 2148,
                7 => VALUES / 215,
                8 => VALUES / 22,
                9 => VALUES / 3,
                _ => VALUES,
            },
            Self::Steam => VALUES / 181,
        }
    }

    /// The most bytes of a typed code, spaces and hyphens included.
    pub const LONGEST_TEXT: usize = 64;

    /// Reads a typed or pasted code.
    ///
    /// Spaces and hyphens between the characters are ignored, and letters may be in either case. Every
    /// other character counts, leading zeros included.
    ///
    /// # Errors
    ///
    /// - [`Malformed::Character`]: anything but ASCII digits (Steam: its alphabet), spaces and
    ///   hyphens, so no full-width or Arabic-Indic digits.
    /// - [`Malformed::Length`]: too few or too many characters, or more than 64 bytes with spaces and
    ///   hyphens ([`CodeFormat::LONGEST_TEXT`]). Such a text is not read further.
    ///
    /// ```
    /// use otp_core::{CodeFormat, Digits};
    ///
    /// let format = CodeFormat::Decimal(Digits::SIX);
    /// let code = format.parse("012 345")?;
    /// assert_eq!(code.text().as_str(), "012345");
    /// assert!(format.parse("12345").is_err());
    /// # Ok::<(), otp_core::Malformed>(())
    /// ```
    pub fn parse(self, text: &str) -> Result<Code, Malformed> {
        if text.len() > Self::LONGEST_TEXT {
            return Err(Malformed::Length { expected: self.length() });
        }
        let (mut lead, mut value, mut length) = (0_u8, 0_u32, 0_u8);
        let mut place = 1_u32;
        for byte in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
            // If the text is too long, the value does not matter.
            match self {
                Self::Decimal(Digits::TEN) if length == 0 => lead = decimal_value(byte)?,
                Self::Decimal(_) => {
                    value = value.wrapping_mul(10).wrapping_add(decimal_value(byte)?.into());
                }
                Self::Steam => {
                    value = value.wrapping_add(steam_value(byte)?.wrapping_mul(place));
                    place = place.wrapping_mul(26);
                }
            }
            length = length.saturating_add(1);
        }
        if length == self.length() {
            Ok(Code { lead, value, format: self })
        } else {
            Err(Malformed::Length { expected: self.length() })
        }
    }

    /// The code of a truncated MAC (RFC 4226 § 5.3, step 3).
    pub(crate) fn code(self, truncated: u32) -> Code {
        let (quotient, value) = match self {
            Self::Decimal(digits) => digits.split(truncated),
            Self::Steam => by_unit(truncated, STEAM_CODES, 8),
        };
        let lead = if self == Self::Decimal(Digits::TEN) { low_byte(quotient) } else { 0 };
        Code { lead, value, format: self }
    }
}

impl Default for CodeFormat {
    fn default() -> Self {
        Self::Decimal(Digits::SIX)
    }
}

impl From<Digits> for CodeFormat {
    fn from(digits: Digits) -> Self {
        Self::Decimal(digits)
    }
}

fn decimal_value(byte: u8) -> Result<u8, Malformed> {
    if byte.is_ascii_digit() { Ok(byte & 15) } else { Err(Malformed::Character) }
}

fn steam_value(byte: u8) -> Result<u32, Malformed> {
    let byte = byte.to_ascii_uppercase();
    let place = STEAM.iter().zip(0..).find(|(letter, _)| **letter == byte);
    place.map(|(_, place)| place).ok_or(Malformed::Character)
}

/// A one-time code: generated, or typed and well formed.
///
/// Comparing two codes takes constant time, but not comparing their formats. A code has no `Display`,
/// and its `Debug` is redacted. [`Code::text`] shows it.
#[derive(Clone, Copy)]
pub struct Code {
    /// The first of ten digits, 0 if there are fewer: ten may be more than 31 bits hold, and such
    /// a code matches nothing.
    lead: u8,
    value: u32,
    format: CodeFormat,
}

impl Code {
    /// Returns its format.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }

    /// Returns the code as text, without a heap.
    ///
    /// ```
    /// use otp_core::{Algorithm, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// assert_eq!(hotp.generate(0).text().as_str(), "755224");
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> CodeText {
        let mut text = CodeText { bytes: [0; 10], length: self.format.length() };
        let mut rest = self.value;
        match self.format {
            CodeFormat::Decimal(digits) => {
                let length = usize::from(digits.get());
                for slot in text.bytes.get_mut(..length).unwrap_or_default().iter_mut().rev() {
                    let (tenth, digit) = by_ten(rest);
                    (*slot, rest) = (b'0' | low_byte(digit), tenth);
                }
                if digits == Digits::TEN
                    && let Some(slot) = text.bytes.first_mut()
                {
                    *slot = b'0' | self.lead;
                }
            }
            CodeFormat::Steam => {
                for (slot, unit) in text.bytes.iter_mut().take(5).rev().zip(&STEAM_UNITS) {
                    let (place, left) = by_unit(rest, *unit, 5);
                    *slot = STEAM.get(place as usize).copied().unwrap_or_default();
                    rest = left;
                }
            }
        }
        text
    }
}

#[expect(clippy::cast_possible_truncation, reason = "called with one digit")]
const fn low_byte(digit: u32) -> u8 {
    digit as u8
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.format == other.format && bool::from(self.same(*other))
    }
}

impl Eq for Code {}

impl Code {
    /// Whether this code is that of a truncated MAC, without a branch on either.
    pub(crate) fn matches(&self, truncated: u32) -> Choice {
        self.same(self.format.code(truncated))
    }

    /// Whether the characters are the same.
    fn same(&self, other: Self) -> Choice {
        self.value.ct_eq(&other.value) & self.lead.ct_eq(&other.lead)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("format", &self.format).finish_non_exhaustive()
    }
}

/// The characters of a [`Code`], held inline.
// Aligned, so that small processors copy three words and need no routine for it.
#[derive(Clone, Copy)]
#[repr(align(4))]
pub struct CodeText {
    bytes: [u8; 10],
    length: u8,
}

impl CodeText {
    /// Returns the characters, all ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Returns the characters as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeText").finish_non_exhaustive()
    }
}
