use otp_core::{Error as CoreError, Repairs, Secret};

use crate::error::{Error, ErrorKind};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;

/// The fewest characters of a text that may be a key in hexadecimal.
const HEX: usize = 16;

/// A Base32 key without a URI, as people type or paste it, and what the reader repaired.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BareKey {
    /// The key.
    pub secret: Secret,
    /// What the reader tolerated.
    pub findings: Findings,
}

impl BareKey {
    /// Reads a key in upper or lower case. White space, hyphens and padding are passed over. `0` and
    /// `8` are read as `O` and `B`, and bits after the last whole byte are dropped. Findings report it.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Hexadecimal`] for 16 hexadecimal digits or more, one of them `0`, `1`, `8` or
    ///   `9`: [`Secret::from_hex`] reads them.
    /// - [`ErrorKind::Several`] for more than one line.
    /// - [`ErrorKind::LookAlike`] for the digit `1`, which may be `I` or `L`.
    /// - [`ErrorKind::AfterPadding`] for letters after an equals sign.
    /// - [`ErrorKind::Character`] for any other character outside Base32.
    /// - [`ErrorKind::Empty`] if no byte is left.
    ///
    /// ```
    /// use otp_uri::{BareKey, ErrorKind, FindingKind};
    ///
    /// let key = BareKey::parse("jbsw y3dp ehpk 3pxp")?;
    /// assert!(key.findings.contains(FindingKind::Separators));
    /// let error = BareKey::parse("8844567abcdef022334455667abcdef0").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Hexadecimal);
    /// # Ok::<(), otp_uri::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused = |kind| Err(Error::new(kind, Part::Secret));
        let trimmed = text.trim();
        let (key, is_escaped) = without_escaped_padding(trimmed);
        let is_key = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '=');
        let mut characters = key.chars().filter(is_key);
        let is_hex = characters.clone().count() >= HEX
            && characters.clone().all(|character| character.is_ascii_hexdigit());
        if is_hex && characters.any(|character| matches!(character, '0' | '1' | '8' | '9')) {
            return refused(ErrorKind::Hexadecimal);
        }
        let mut findings = Findings::default();
        if trimmed.len() != text.len() {
            findings.add(FindingKind::SurroundingSpace, Part::Secret);
        }
        if key.contains(['\n', '\r']) {
            return refused(ErrorKind::Several);
        }
        match Secret::read_base32(key, Repairs::TYPED | Repairs::LENGTH) {
            Ok((secret, repairs)) => {
                findings.add_repairs(repairs);
                if is_escaped {
                    findings.add(FindingKind::StrayPadding, Part::Secret);
                }
                if is_hex {
                    findings.add(FindingKind::MaybeHex, Part::Secret);
                }
                findings.check_secret(&secret);
                Ok(Self { secret, findings })
            }
            Err(CoreError::KeyCharacter { position }) if key.chars().nth(position) == Some('1') => {
                refused(ErrorKind::LookAlike)
            }
            Err(error) => Err(Error::core(error, Part::Secret)),
        }
    }
}

/// Returns a key without escaped equals signs at its end, and whether it had any.
fn without_escaped_padding(text: &str) -> (&str, bool) {
    let mut key = text;
    while let Some((rest, end)) = key.len().checked_sub(3).and_then(|at| key.split_at_checked(at))
        && end.eq_ignore_ascii_case("%3D")
    {
        key = rest;
    }
    (key, key.len() != text.len())
}
