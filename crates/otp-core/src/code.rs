use core::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::{Digits, Malformed};

/// The alphabet of Steam Guard's codes.
const STEAM: [u8; 26] = *b"23456789BCDFGHJKMNPQRTVWXY";
const STEAM_LENGTH: u8 = 5;
/// 26^5.
const STEAM_CODES: u32 = 11_881_376;

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
    /// How many characters a code has: 5 to 10.
    #[must_use]
    pub const fn length(self) -> u8 {
        match self {
            Self::Decimal(digits) => digits.get(),
            Self::Steam => STEAM_LENGTH,
        }
    }

    /// Reads a code that somebody typed or pasted.
    ///
    /// Spaces and hyphens between the characters are passed over and letters may be in either case;
    /// everything else must be as it is written, leading zeros included.
    ///
    /// # Errors
    ///
    /// - [`Malformed::Character`]: anything but ASCII digits (Steam: its alphabet), spaces and
    ///   hyphens, so no full-width or Arabic-Indic digits.
    /// - [`Malformed::Length`]: too few or too many characters.
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
        let (mut value, mut place, mut length) = (0_u64, 1_u64, 0_u8);
        for byte in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
            let digit = match self {
                Self::Decimal(_) => decimal_value(byte),
                Self::Steam => steam_value(byte),
            };
            let digit = digit.ok_or(Malformed::Character)?;
            length = length.saturating_add(1);
            // Of a text that is too long the value does not matter.
            match self {
                Self::Decimal(_) => value = value.wrapping_mul(10).wrapping_add(digit),
                Self::Steam => {
                    value = value.wrapping_add(digit.wrapping_mul(place));
                    place = place.wrapping_mul(26);
                }
            }
        }
        if length == self.length() {
            Ok(Code { value, format: self })
        } else {
            Err(Malformed::Length { expected: self.length() })
        }
    }

    /// The code of a truncated MAC (RFC 4226 § 5.3, step 3).
    pub(crate) fn code(self, truncated: u32) -> Code {
        let value = match self {
            Self::Decimal(digits) => digits.reduce(truncated),
            Self::Steam => truncated % STEAM_CODES,
        };
        Code { value: u64::from(value), format: self }
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

fn decimal_value(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte & 15))
}

fn steam_value(byte: u8) -> Option<u64> {
    let place = STEAM.iter().position(|letter| letter.eq_ignore_ascii_case(&byte))?;
    Some(place as u64)
}

/// A one-time code: generated, or typed and well formed.
///
/// Two codes are compared in constant time, their formats aside. A code has no `Display` and its
/// `Debug` is redacted: it is shown by [`Code::text`], on purpose.
#[derive(Clone, Copy)]
pub struct Code {
    // Ten typed digits may be more than 31 bits hold. Such a code matches nothing.
    value: u64,
    format: CodeFormat,
}

impl Code {
    /// How it is written.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }

    /// The code as text, without a heap.
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
        // Ten digits do not fit 32 bits, and small processors divide no more than that.
        let (mut lead, mut rest) = (b'0', self.value);
        while rest >= 1_000_000_000 {
            rest = rest.wrapping_sub(1_000_000_000);
            lead = lead.wrapping_add(1);
        }
        let mut rest = u32::try_from(rest).unwrap_or_default();
        let slots = text.bytes.iter_mut().take(usize::from(text.length));
        match self.format {
            CodeFormat::Decimal(_) => {
                for (place, slot) in slots.rev().enumerate() {
                    *slot = if place == 9 { lead } else { b'0' | low_byte(rest % 10) };
                    rest /= 10;
                }
            }
            CodeFormat::Steam => {
                for slot in slots {
                    *slot = STEAM.get((rest % 26) as usize).copied().unwrap_or_default();
                    rest /= 26;
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
        self.format == other.format && bool::from(self.value.ct_eq(&other.value))
    }
}

impl Eq for Code {}

impl Code {
    /// Whether this code is that of a truncated MAC, without a branch on either.
    pub(crate) fn matches(&self, truncated: u32) -> Choice {
        self.value.ct_eq(&self.format.code(truncated).value)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("format", &self.format).finish_non_exhaustive()
    }
}

/// The characters of a [`Code`], held inline.
#[derive(Clone, Copy)]
pub struct CodeText {
    bytes: [u8; 10],
    length: u8,
}

impl CodeText {
    /// The characters, all ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The characters as text.
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
