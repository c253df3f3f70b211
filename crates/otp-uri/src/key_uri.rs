use core::fmt::{self, Write};

use otp_core::{Secret, base32};

use crate::error::{Error, ErrorKind};
use crate::part::Part;
use crate::{Generator, Label, MAX_LENGTH, OtpKind, ParsedUri, UriText, reader, second};

/// The content of an `otpauth` URI: a [`Label`], a key ([`Secret`]) and an [`OtpKind`].
///
/// `Display` writes the canonical form, **with the key**, and reading it gives an equal value.
/// [`KeyUri::reveal`] returns it as a text that is wiped.
#[derive(PartialEq, Eq)]
pub struct KeyUri {
    label: Label,
    secret: Secret,
    kind: OtpKind,
}

impl KeyUri {
    /// Creates a URI of its parts.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::TooLong`] if its canonical form is longer than [`MAX_LENGTH`]: the reader would
    ///   refuse it.
    /// - [`ErrorKind::Several`] if a name or the label contains another URI, or a name contains
    ///   `secret=`.
    ///
    /// ```
    /// use otp_core::Secret;
    /// use otp_uri::{KeyUri, Label, OtpKind};
    ///
    /// let label = Label::new("alice@example.com")?.with_issuer("ACME Co")?;
    /// let uri = KeyUri::new(label, Secret::from_base32("JBSWY3DPEHPK3PXP")?, OtpKind::default())?;
    /// assert_eq!(
    ///     uri.to_string(),
    ///     "otpauth://totp/ACME%20Co:alice@example.com?secret=JBSWY3DPEHPK3PXP&issuer=ACME%20Co",
    /// );
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn new(label: Label, secret: Secret, kind: OtpKind) -> Result<Self, Error> {
        for (part, name) in [(Part::Account, Some(label.account())), (Part::Issuer, label.issuer())]
        {
            if name.is_some_and(second::is_in_name) {
                return Err(Error::new(ErrorKind::Several, part));
            }
        }
        if label.issuer().is_some_and(|issuer| second::is_in_label(issuer, label.account())) {
            return Err(Error::new(ErrorKind::Several, Part::Label));
        }
        let uri = Self { label, secret, kind };
        if uri.bound() <= MAX_LENGTH || uri.length() <= MAX_LENGTH {
            Ok(uri)
        } else {
            Err(Error::new(ErrorKind::TooLong, Part::Uri))
        }
    }

    /// Reads a URI of any dialect and reports what the reader tolerated.
    ///
    /// # Errors
    ///
    /// The URI is malformed or ambiguous: [`Error::kind`] says what is wrong, and [`Error::part`] in
    /// which part. The [front page](crate#two-readers) has the rules.
    ///
    /// ```
    /// use otp_uri::{FindingKind, KeyUri};
    ///
    /// let parsed = KeyUri::parse(
    ///     "otpauth://totp/ACME:bob?secret=gezdgnbvgy3tqojqgezdgnbvgy",
    /// )?;
    /// assert_eq!(parsed.uri.label().issuer(), Some("ACME"));
    /// assert!(parsed.findings.contains(FindingKind::LetterCase));
    /// # Ok::<(), otp_uri::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<ParsedUri, Error> {
        reader::read(text)
    }

    /// Reads only a URI that conforms to the Key URI Format or to one of the two Internet-Drafts.
    ///
    /// # Errors
    ///
    /// Those of [`KeyUri::parse`], and [`ErrorKind::Strict`] with the first finding that a conforming
    /// writer does not cause.
    pub fn parse_strict(text: &str) -> Result<Self, Error> {
        let parsed = Self::parse(text)?;
        parsed.check_strict()?;
        Ok(parsed.uri)
    }

    /// Returns the account and the issuer.
    #[must_use]
    pub const fn label(&self) -> &Label {
        &self.label
    }

    /// Returns the key.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Returns the type of the codes and their parameters.
    #[must_use]
    pub const fn kind(&self) -> &OtpKind {
        &self.kind
    }

    /// Returns the canonical form, **with the key**, as a text that is wiped on drop.
    ///
    /// `to_string` leaves copies of the key in memory.
    #[must_use]
    pub fn reveal(&self) -> UriText {
        UriText::new(self)
    }

    /// Returns the three parts.
    #[must_use]
    pub fn into_parts(self) -> (Label, Secret, OtpKind) {
        (self.label, self.secret, self.kind)
    }

    /// Returns the generator of the codes, with its key prepared.
    #[must_use]
    pub fn generator(&self) -> Generator {
        Generator::new(self.kind, &self.secret)
    }

    /// Returns an upper bound of [`KeyUri::length`], without writing the canonical form.
    fn bound(&self) -> usize {
        /// More than the length of everything else: the names of all parameters and their numbers.
        const REST: usize = 128;
        // An escape has three characters, and the issuer is written twice.
        let issuer = self.label.issuer().unwrap_or_default();
        let names = self.label.account().len().saturating_add(issuer.len().saturating_mul(2));
        let key = base32::encoded_len(self.secret.len());
        names.saturating_mul(3).saturating_add(key).saturating_add(REST)
    }

    /// Returns the length of the canonical form, in bytes.
    pub(crate) fn length(&self) -> usize {
        struct Length(usize);
        impl Write for Length {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 = self.0.saturating_add(text.len());
                Ok(())
            }
        }
        let mut length = Length(0);
        // Counting does not fail.
        let _ = write!(length, "{self}");
        length.0
    }
}

/// Shows everything but the key.
impl fmt::Debug for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyUri")
            .field("label", &self.label)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "sha1", feature = "sha512"))]
mod tests {
    use alloc::string::ToString;

    use otp_core::{Algorithm, Digits, Period, Secret};
    use proptest::prelude::*;

    use super::KeyUri;
    use crate::{Label, OtpKind};

    fn any_kind() -> impl Strategy<Value = OtpKind> {
        let algorithm = prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha512)];
        let digits = prop_oneof![Just(Digits::SIX), Just(Digits::TEN)];
        let number = prop_oneof![Just(1), any::<u64>(), Just(u64::MAX)];
        (algorithm, digits, number, 0..3).prop_map(|(algorithm, digits, number, kind)| match kind {
            0 => {
                let period = Period::from_secs(number).unwrap_or_default();
                OtpKind::Totp { algorithm, digits, period }
            }
            1 => OtpKind::Hotp { algorithm, digits, counter: number },
            _ => OtpKind::Steam,
        })
    }

    proptest! {
        #[test]
        fn canonical_form_is_within_its_bound(
            account in "[a%é:. ]{0,40}",
            issuer in proptest::option::of("[b%\u{1f600}:@]{1,40}"),
            key in proptest::collection::vec(any::<u8>(), 1..80),
            kind in any_kind(),
        ) {
            let label = Label::read(&account, issuer.as_deref());
            let uri = KeyUri { label, secret: Secret::try_from(key).unwrap(), kind };
            let text = uri.to_string();
            prop_assert_eq!(uri.length(), text.len());
            prop_assert!(text.len() <= uri.bound());
        }
    }
}
